"""`tapc run --give-up`: records jobs that get no reply as given up, so that slots go on without them."""

from collections.abc import Callable

from tapc.endpoints import AnswerSink, NoReply
from tapc.engine import Losses, Sink
from tapc.jobs import Job, Reply
from tapc.steps import SlotKey, SlotState, Status
from tapc.store.protocol import Account, Busy

_OF_THE_JOB = ("refused", "failed")
"""Reasons that lie in the job: it was refused for good, or failed too often. An endpoint that is down, a ceiling or an
interrupt say nothing about the job, and must not change content."""


class GivingUp:
    """Gives up jobs, between the dispatcher and the session, and in front of the session's sink.

    A job is only given up where the same step at the same endpoint has replies, in the store or from this run: if all
    its jobs fail, it is the step's parameters or the endpoint that are wrong.

    Args:
        sink: receiver of finished slots and used replies.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._proved: set[tuple[str, str]] = set()
        self._answers: AnswerSink | None = None
        self._account: Account | None = None
        self._broken: Callable[[Exception], None] | None = None
        self.losses = Losses()
        self.count = 0

    def between(self, account: Account, answers: AnswerSink, broken: Callable[[Exception], None]) -> AnswerSink:
        """The receiver of the dispatcher's answers, which passes them on; `broken` is called if the store fails."""
        self._account, self._answers, self._broken = account, answers, broken
        return self

    def add(self, state: SlotState, status: Status) -> None:
        """Pass a finished slot on."""
        self._sink.add(state, status)

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """Note that a step's endpoint works, and pass the reply on."""
        if reply.outcome != "gave_up":
            self._proved.add((job.recipe.step, job.recipe.endpoint))
        self._sink.visit(job, reply, slot)

    def put(self, job: Job, answer: Reply | NoReply) -> None:
        """A job has ended; see `AnswerSink`."""
        answers, account = self._answers, self._account
        if answers is None or account is None:
            raise RuntimeError("no queue to hand answers on to; this is a bug in tapc")
        place = (job.recipe.step, job.recipe.endpoint)
        if isinstance(answer, NoReply) and answer.reason in _OF_THE_JOB and place in self._proved:
            recorded = account.give_up(job)
            recorded.add_done_callback(lambda done: self._recorded(job, answer, done.exception() or done.result()))
            return
        if isinstance(answer, Reply) and answer.outcome != "gave_up":
            self._proved.add(place)
        answers.put(job, answer)

    def _recorded(self, job: Job, failure: NoReply, outcome: Reply | Busy | BaseException) -> None:
        """The record is durable, or could not be made."""
        answers, broken = self._answers, self._broken
        if answers is None or broken is None:
            raise RuntimeError("no queue to hand answers on to; this is a bug in tapc")
        if isinstance(outcome, Reply):
            if outcome.outcome == "gave_up":
                self.losses.note(job, failure.reason, failure.detail)
                self.count += 1
            answers.put(job, outcome)
        elif isinstance(outcome, Busy):
            answers.put(job, NoReply("busy", f"run {outcome.run} is asking it"))
        else:
            if isinstance(outcome, Exception):
                broken(outcome)
            answers.put(job, NoReply("stopped", str(outcome)))
