"""`tapc run --give-up`: what cannot be had is recorded for good, so that slots go on without it."""

from collections.abc import Callable

from tapc.endpoints.dispatch import NoReply
from tapc.engine import Losses, Sink
from tapc.jobs import Job, Reply
from tapc.steps import SlotKey, SlotState, Status
from tapc.store import Busy, Run

_OF_THE_JOB = ("refused", "failed")
"""Reasons that lie in a job: it was refused for good, or failed too often. An endpoint that is down, a ceiling or an
interrupt say nothing about a job, and must not steer content."""


class GivingUp:
    """Stands between the dispatcher and the session, and before the session's sink.

    A job is only given up where the same step at the same endpoint has replies, in the store or from this run: if all
    its jobs fail, it is the step's parameters or the endpoint that are wrong.

    Args:
        sink: takes finished slots and visits.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._proved: set[tuple[str, str]] = set()
        self._answer: Callable[[Job, Reply | NoReply], None] | None = None
        self._account: Run | None = None
        self._broken: Callable[[Exception], None] | None = None
        self.losses = Losses()
        self.count = 0

    def between(
        self, account: Run, answer: Callable[[Job, Reply | NoReply], None], broken: Callable[[Exception], None]
    ) -> Callable[[Job, Reply | NoReply], None]:
        """What the dispatcher is to call instead of `answer`; `broken` is told when the store fails."""
        self._account, self._answer, self._broken = account, answer, broken
        return self._take

    def add(self, state: SlotState, status: Status) -> None:
        """A slot is finished."""
        self._sink.add(state, status)

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """A reply went into the fold."""
        if reply.outcome != "gave_up":
            self._proved.add((job.recipe.step, job.recipe.endpoint))
        self._sink.visit(job, reply, slot)

    def _take(self, job: Job, result: Reply | NoReply) -> None:
        answer, account = self._answer, self._account
        if answer is None or account is None:
            raise RuntimeError("nobody to answer; this is a bug in tapc")
        place = (job.recipe.step, job.recipe.endpoint)
        if not isinstance(result, NoReply) or result.reason not in _OF_THE_JOB or place not in self._proved:
            answer(job, result)
            return
        recorded = account.give_up(job)
        recorded.add_done_callback(lambda done: self._recorded(job, result, done.exception() or done.result()))

    def _recorded(self, job: Job, failure: NoReply, outcome: Reply | Busy | BaseException) -> None:
        """The record is durable, or could not be made."""
        answer, broken = self._answer, self._broken
        if answer is None or broken is None:
            raise RuntimeError("nobody to answer; this is a bug in tapc")
        if isinstance(outcome, Reply):
            if outcome.outcome == "gave_up":
                self.losses.note(job, failure.reason, failure.detail)
                self.count += 1
            answer(job, outcome)
        elif isinstance(outcome, Busy):
            answer(job, NoReply("busy", f"run {outcome.run} is asking it"))
        else:
            if isinstance(outcome, Exception):
                broken(outcome)
            answer(job, NoReply("stopped", str(outcome)))
