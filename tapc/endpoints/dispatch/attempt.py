"""One try of one job: claim, send, book."""

import asyncio
import time
from collections.abc import Callable

from tapc.endpoints.client import Failure, Headers, exhausted
from tapc.endpoints.dispatch.endpoint_queue import EndpointQueue
from tapc.endpoints.dispatch.faults import Faults
from tapc.endpoints.dispatch.peer_runs import PeerRuns
from tapc.endpoints.dispatch.queued_job import QueuedJob
from tapc.endpoints.dispatch.replica import Replica
from tapc.endpoints.dispatch.timings import Timings
from tapc.endpoints.protocol import NoReply
from tapc.jobs import Reply, tariff_of
from tapc.store.protocol import Account, Busy, Claim, Denied, Settled, Stored
from tapc.store.protocol import Answer as Claimed


class Attempts:
    """Makes tries and decides what follows them.

    Order: a rate slot is had (the queue saw to it), then the worst case is claimed (T1), then there is a permit, then
    the request is sent, then its end is booked (T2, T2r or T2u), and only then anybody hears of it.

    Args:
        account: of the run.
        deliver: takes every job's end, once.
        faults: watches endpoints.
        peer_runs: waits for other runs.
        broken: told of an error that ends the run (a full disk, a bug).
        timings: notes how long servers take.
    """

    def __init__(
        self,
        account: Account,
        deliver: Callable[[QueuedJob, Reply | NoReply], None],
        faults: Faults,
        peer_runs: PeerRuns,
        broken: Callable[[Exception], None],
        timings: Timings,
    ) -> None:
        self._account = account
        self._deliver = deliver
        self._faults = faults
        self._peer_runs = peer_runs
        self._broken = broken
        self._timings = timings
        self._loop = asyncio.get_running_loop()

    async def __call__(self, queue: EndpointQueue, item: QueuedJob) -> None:
        """One try. The permit is given back when the answer is there, before it is booked."""
        try:
            await self._try(queue, item)
        except Exception as error:  # noqa: BLE001 - the run ends, and says why; it would go unnoticed
            self._leave(queue, item)
            self._broken(error)
            self._deliver(item, NoReply("stopped", str(error)))
        except asyncio.CancelledError:
            self._leave(queue, item)
            self._deliver(item, NoReply(*(queue.stopped or ("stopped", "cancelled"))))

    async def _try(self, queue: EndpointQueue, item: QueuedJob) -> None:
        answer = await self._claim(item)
        if isinstance(answer, Claim):
            replica = await self._seat(queue, item, answer)
            if replica is not None:
                await self._send(queue, item, replica, answer)
            return
        self._leave(queue, item, sent=False)
        if isinstance(answer, Stored):
            self._deliver(item, answer.reply)
        elif isinstance(answer, Denied):
            self._deliver(item, NoReply("ceiling", _denied(answer)))
        else:
            await self._wait_for_other(queue, item, answer)

    async def _seat(self, queue: EndpointQueue, item: QueuedJob, claim: Claim) -> Replica | None:
        """Wait for the permit; where there is none to be had, the claim is given back: nothing was written."""
        try:
            replica = await queue.seat(item)
        except BaseException:  # cancelled or broken: a claim that is not sent must not hold money
            self._account.release(claim)  # done by the writer whether or not anybody waits
            raise
        if replica is not None and queue.stopped is None:
            return replica
        self._leave(queue, item, sent=False)
        await self._account.release(claim)
        queue.again(item, 0.0)
        queue.pump_all()
        return None

    async def _claim(self, item: QueuedJob) -> Claimed:
        """T1; a claim that was granted in the very moment its wait was cancelled is given back."""
        future = self._account.claim(item.job, item.worst)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and isinstance(granted := future.result(), Claim):
                self._account.release(granted)
            raise

    async def _wait_for_other(self, queue: EndpointQueue, item: QueuedJob, answer: Busy) -> None:
        """Another run asks the job; the next claim finds its reply, or the job free."""
        if why := await self._peer_runs.free(answer.run, item.job.key):
            self._deliver(item, NoReply("busy", why))
        else:
            queue.again(item, 0.0)

    async def _send(self, queue: EndpointQueue, item: QueuedJob, replica: Replica, claim: Claim) -> None:
        counts = item.counts
        item.phase = "sending"
        item.sent += 1
        counts.sent += 1
        counts.in_flight += 1
        if item.sent > 1:
            counts.retried += 1
        sent_at = self._loop.time()
        try:
            result, answer = await replica.client.send(item.job, item.worst)
            headers = None if answer is None else answer[1]
            del answer  # a large reply must not stay in memory while it is booked
        except BaseException:  # cancelled or broken: bytes may have gone out, so it counts as paid
            counts.unknown += 1
            self._account.unknown(claim)  # booked by the writer whether or not anybody waits
            raise
        finally:
            counts.in_flight -= 1
        item.phase = "booking"
        if isinstance(result, Failure):
            replica.failed(result, sent_at, self._loop.time(), again=item.tries > 0)
            if result.congested:
                self._timings.of(replica.client.origin, item.job.recipe.model, sent_at).refused += 1
            # before the permit goes to the next, which may be the canary
            self._faults.failed(queue, replica, item, result, sent_at)
            self._leave(queue, item)
            await self._failed(queue, item, replica, claim, result)
            return
        self._well(queue, item, replica, result, headers)
        settled = await self._account.settle(claim, result, label=item.label, chars=sum(map(len, result.texts)))
        self._settled(queue, item, result, settled)

    def _leave(self, queue: EndpointQueue, item: QueuedJob, *, sent: bool = True) -> None:
        queue.leave(item, sent=sent)
        queue.pump_all()

    def _well(
        self, queue: EndpointQueue, item: QueuedJob, replica: Replica, reply: Reply, headers: Headers | None
    ) -> None:
        """A reply came: the replica is well, and the permit is free before the booking is durable."""
        if headers is not None and (wait := exhausted(headers, time.time)) is not None:
            replica.pause(wait, self._loop.time())
        worst = item.worst
        queue.rates.correct(worst.input + worst.output - reply.usage.input - reply.usage.output)
        if (flight := item.flight) is not None:
            now, tokens = self._loop.time(), reply.usage.output
            replica.origin.answered(flight, now, tokens, worst.output)
            timings = self._timings.of(replica.client.origin, item.job.recipe.model, flight.sent)
            timings.take(flight.load, flight.sent, now, tokens)
        replica.succeeded(full=queue.leave(item))
        self._faults.well(queue)
        if queue.proven:
            queue.pump_all()

    def _settled(self, queue: EndpointQueue, item: QueuedJob, reply: Reply, settled: Settled) -> None:
        counts, usage = item.counts, reply.usage
        counts.done += 1
        counts.cost += settled.cost
        counts.input_tokens += usage.input
        counts.output_tokens += usage.output
        counts.estimated += usage.estimated
        unpriced = "" if item.job.recipe.price is None else tariff_of(item.job.recipe.price).unpriced(usage)
        if unpriced:
            self._faults.unpriced(queue, unpriced, bounded=settled.bounded)
        over = usage.input > item.worst.input or usage.output > item.worst.output
        if settled.overrun and (over or not unpriced):
            self._faults.overrun(queue, item, usage)
        elif not queue.proven:
            queue.proven = True
            queue.pump_all()
        self._deliver(item, reply)

    async def _failed(
        self, queue: EndpointQueue, item: QueuedJob, replica: Replica, claim: Claim, failure: Failure
    ) -> None:
        if failure.bill == "unbilled":
            queue.rates.correct(item.worst.input + item.worst.output)
            await self._account.release(claim)
        else:
            item.counts.unknown += 1
            await self._account.unknown(claim)
        item.avoid = replica
        if queue.stopped is not None:
            self._deliver(item, NoReply(*queue.stopped))
        elif not failure.retry and not failure.fault:
            self._deliver(item, NoReply("refused", failure.detail))
        elif (delay := self._patience(queue, item, failure)) is None:
            self._deliver(item, NoReply("failed", f"{failure.detail} ({item.sent} requests)"))
        else:
            queue.again(item, delay)
            queue.pump_all()

    def _patience(self, queue: EndpointQueue, item: QueuedJob, failure: Failure) -> float | None:
        """Seconds until the next try, None for no more. What the replica's own pause covers needs no wait here."""
        if failure.most is not None:  # it is paid for each time, and likely to come again
            item.tries += 1
            item.useless += 1
            more = item.useless < failure.most and item.tries < queue.policy.tries
            return queue.retry_in(item) if more else None
        if failure.changed or failure.fault or (failure.congested and failure.status):
            item.refusals += 1
            return 0.0 if item.refusals <= queue.policy.refusals else None
        item.tries += 1
        return queue.retry_in(item) if item.tries < queue.policy.tries else None


def _denied(answer: Denied) -> str:
    scope = {"dataset": "the dataset", "run": "this run"}.get(answer.scope, f"the {answer.scope} {answer.name!r}")
    return f"the {answer.resource} ceiling of {scope} is reached"
