"""Takes jobs, gives replies, keeps every promise about money and manners."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from tapc.diagnostics import Diagnostic, in_order
from tapc.endpoints.client import (
    Address,
    Failure,
    Handler,
    ReplicaClient,
    Resolved,
    TransportError,
    resolve,
    secrets_of,
)
from tapc.endpoints.dispatch.attempt import Attempts
from tapc.endpoints.dispatch.endpoint_queue import EndpointQueue
from tapc.endpoints.dispatch.faults import Faults, fault_of
from tapc.endpoints.dispatch.findings import Finding, diagnose, keys_of, together
from tapc.endpoints.dispatch.limits import Rates
from tapc.endpoints.dispatch.origin import Origin
from tapc.endpoints.dispatch.peer_runs import PeerRuns
from tapc.endpoints.dispatch.policy import Policy
from tapc.endpoints.dispatch.queued_job import QueuedJob, RequestCounts
from tapc.endpoints.dispatch.replica import Replica
from tapc.endpoints.dispatch.timings import Timings
from tapc.endpoints.protocol import AnswerSink, NoReply
from tapc.endpoints.protocols import PROTOCOLS, Capabilities, EndpointProtocol, bound
from tapc.ir import Endpoint
from tapc.jobs import Job, Reply
from tapc.store.protocol import Account


class Dispatcher:
    """Sends jobs to their endpoints and hands back what came of each, once, in the loop's thread.

    Use: `await start()`; if it reports nothing, `submit` jobs; `stop` or `abort` at will; `await drain()`; `await
    aclose()`. Everything happens in the running loop.

    Args:
        endpoints: those that jobs name.
        account: of the run.
        answers: takes the end of every submitted job.
        environ: where keys are read.
        embedded: the simulated endpoint in this process, for endpoints without a URL.
        concurrency: most requests in flight of one endpoint, under what the spec states.
        policy: patience.
        note: takes a line for people while the run goes on, such as for whom it waits.
        protocols: those that jobs may speak.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        account: Account,
        answers: AnswerSink,
        *,
        environ: Mapping[str, str],
        embedded: Handler | None = None,
        concurrency: int | None = None,
        policy: Policy | None = None,
        note: Callable[[str], None] = lambda _: None,
        protocols: Sequence[EndpointProtocol] = PROTOCOLS,
    ) -> None:
        self._endpoints = endpoints
        self._answers = answers
        self._environ = environ
        self._embedded = embedded
        self._concurrency = concurrency
        self._policy = policy or Policy()
        self._note = note
        self._protocols = {protocol.name: protocol for protocol in protocols}
        self._faults = Faults(self._report, note)
        self._peer_runs = PeerRuns(account, self._policy, out_of_money=self._out_of_money, broken=self.fail, note=note)
        self.timings = Timings()
        self._attempts = Attempts(account, self._deliver, self._faults, self._peer_runs, self.fail, self.timings)
        self._queues: dict[str, EndpointQueue] = {}
        self._clients: list[ReplicaClient] = []
        self._capabilities: dict[str, Capabilities] = {}
        self._open = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self.counts: dict[tuple[str, str], RequestCounts] = {}
        self._findings: list[Finding] = []
        self._told: set[str] = set()
        self.error: Exception | None = None

    @property
    def problems(self) -> list[Diagnostic]:
        """What was found wrong with endpoints so far."""
        return together(self._findings)

    @property
    def outstanding(self) -> int:
        """Jobs submitted whose end was not reported."""
        return self._open

    @property
    def oddities(self) -> dict[str, dict[str, int]]:
        """What was unusual in replies, by endpoint and kind; the most frequent first."""
        return {name: dict(c.oddities.most_common()) for name, c in self._capabilities.items() if c.oddities}

    async def start(self) -> list[Diagnostic]:
        """Read the environment and ask every endpoint whether it is there; what it returns are errors.

        Nothing is paid for. When there is an error, do not submit.
        """
        found: list[Diagnostic] = []
        ready: list[Resolved] = []
        secrets = secrets_of(self._endpoints, self._environ)
        for endpoint in self._endpoints:
            resolved, problems = resolve(endpoint, self._environ, secrets)
            found += problems
            if resolved is not None:
                ready.append(resolved)
        if found:
            return in_order(found)
        origins = self._origins_of(ready)
        for resolved in ready:
            self._queues[resolved.endpoint.name] = self._queue_of(resolved, origins)
        probes = [self._probe(queue) for queue in self._queues.values()]
        wrong = [finding for findings in await asyncio.gather(*probes) for finding in findings]
        self._peer_runs.start()
        return in_order(together(wrong))

    def _limit(self, endpoint: Endpoint) -> int:
        """Most requests in flight of an endpoint."""
        limit = endpoint.limit.concurrency or self._concurrency or self._policy.concurrency
        return limit if self._concurrency is None else min(limit, self._concurrency)

    def _origins_of(self, ready: list[Resolved]) -> dict[Address, Origin]:
        """The window of each server: as large as the largest limit of the endpoints there."""
        policy = self._policy
        there: dict[Address, list[Endpoint]] = {}
        for resolved in ready:
            for address in {target.address for target in resolved.targets}:
                there.setdefault(address, []).append(resolved.endpoint)
        origins: dict[Address, Origin] = {}
        for address, endpoints in there.items():
            limit = max(self._limit(endpoint) for endpoint in endpoints)
            seconds = min(endpoint.transport.timeout_seconds for endpoint in endpoints)
            origins[address] = Origin(limit, seconds, first=policy.first_window, start=policy.start_window)
            origins[address].shared = len(endpoints) > 1
        return origins

    def _queue_of(self, resolved: Resolved, origins: dict[Address, Origin]) -> EndpointQueue:
        endpoint, policy = resolved.endpoint, self._policy
        capabilities = Capabilities(tell=lambda line: self._note(f"endpoint {endpoint.name!r}: {line}"))
        self._capabilities[endpoint.name] = capabilities
        limit = self._limit(endpoint)
        own = Origin(limit, endpoint.transport.timeout_seconds, first=policy.start_window, start=policy.start_window)
        free = endpoint.simulated or endpoint.price is None
        replicas: list[Replica] = []
        for target in resolved.targets or (None,):
            client = ReplicaClient(resolved, target, capabilities, self._embedded, tuple(self._protocols.values()))
            origin = own if target is None else origins[target.address]
            replicas.append(Replica(client, policy, limit, origin, guarded=not free))
            self._clients.append(client)
        rates = Rates(endpoint.limit, asyncio.get_running_loop().time())
        return EndpointQueue(
            endpoint.name,
            replicas,
            rates,
            limit,
            canary=not free,
            keys=keys_of(endpoint),
            policy=policy,
            deliver=self._deliver,
            attempt=self._attempts,
        )

    async def _probe(self, queue: EndpointQueue) -> list[Finding]:
        """Probe all replicas of an endpoint; it is in order if one of them is, and the others are left alone."""
        asked = [r for r in queue.replicas if r.client.remote]
        probes = (probe(queue.name, r.client, self._policy, self._tell_once, queue.keys) for r in asked)
        answers = await asyncio.gather(*probes)
        for replica, finding in zip(asked, answers, strict=True):
            if finding is not None:
                replica.dead = finding.message
        found = [finding for finding in answers if finding is not None]
        if found and len(found) < len(queue.replicas):
            self._findings += found
            return []
        return found

    def _tell_once(self, line: str) -> None:
        """Say something of a server once, however many endpoints are there."""
        if line not in self._told:
            self._told.add(line)
            self._note(line)

    def submit(self, job: Job, label: str = "", order: int = 0) -> None:
        """Ask for a job's reply.

        Args:
            job: what to ask.
            label: goes into the store's statistics.
            order: see `JobSender.submit`.

        Raises:
            KeyError: the job names an endpoint or a protocol that this dispatcher does not have.
        """
        recipe = job.recipe
        queue = self._queues[recipe.endpoint]
        counts = self.counts.get((recipe.step, recipe.endpoint))
        if counts is None:
            counts = self.counts[recipe.step, recipe.endpoint] = RequestCounts()
        self._open += 1
        self._drained.clear()
        queue.add(QueuedJob(job, label, counts, bound(job, self._protocols[recipe.kind]), order))

    def _deliver(self, item: QueuedJob, result: Reply | NoReply) -> None:
        if item.phase == "ended":
            return
        item.phase = "ended"
        self._open -= 1
        if isinstance(result, NoReply) and (item.sent or result.reason != "stopped"):
            item.counts.failed += 1  # what was stopped before it was sent never had a chance to
        if not self._open:
            self._drained.set()
        self._answers.put(item.job, result)

    def _report(self, finding: Finding) -> None:
        self._findings.append(finding)

    def fail(self, error: Exception) -> None:
        """End the run because of an error, such as a full disk; `drain` raises it."""
        self.error = self.error or error
        self.stop(str(error))

    def stop(self, detail: str = "the run was stopped") -> None:
        """Send nothing more and finish what is in flight; jobs that wait get `NoReply("stopped")`."""
        for queue in self._queues.values():
            queue.stop("stopped", detail)

    def _out_of_money(self, why: str) -> None:
        """What is left of a ceiling stays with other runs: jobs that wait for it end without a reply."""
        for queue in self._queues.values():
            if any(item.phase == "claiming" for item in queue.running.values()):
                queue.stop("busy", why)

    def abort(self) -> None:
        """Stop, and give up what is in flight: it is charged at the worst case, its outcome unknown."""
        self.stop("the run was aborted")
        for queue in self._queues.values():
            queue.abort()

    async def drain(self) -> None:
        """Wait until every submitted job has ended.

        Raises:
            Exception: what broke the run, such as a full disk (`StoreError`).
        """
        await self._drained.wait()
        for queue in self._queues.values():
            self._faults.ended(queue)
        if self.error is not None:
            raise self.error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._peer_runs.aclose()
        self.abort()
        tasks = [task for queue in self._queues.values() for task in queue.running]
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        for client in self._clients:
            await client.aclose()


_PAUSE = 0.25


async def probe(
    name: str, client: ReplicaClient, policy: Policy, note: Callable[[str], None], keys: tuple[str, ...] = ()
) -> Finding | None:
    """What is wrong with a replica, None if nothing can be said against it.

    It asks for the list of models. Servers without that route say so and are taken at their word; the first job, which
    runs alone, is the second probe. A connection refused is tried again for `Policy.probe_seconds`, since servers take
    their time to start; `note` is told, so that users know what is waited for. `keys`: see `diagnose`.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + policy.probe_seconds
    told = False
    while True:
        try:
            status, headers, content = await client.models(max(0.05, end - loop.time()))
        except TransportError as error:
            if error.kind in ("timeout", "oversize", "malformed") or loop.time() + _PAUSE >= end:
                said = f"{client.origin} cannot be asked: {error}"
                return diagnose("TAP905", name, said, server=client.server)
            if not told:
                note(f"{client.origin}: {error}; trying again for {policy.probe_seconds:.0f} s")
                told = True
            await asyncio.sleep(_PAUSE)
            continue
        failure: Failure = client.refusal(status, headers, content)
        if status in (401, 403) or 300 <= status < 400:
            return diagnose(fault_of(failure), name, f"{client.origin} says {failure.detail}", keys=keys)
        return None
