"""What those who have jobs asked know of endpoints: how jobs are handed over, and how their answers come back.

It is in this package, below its users, since there are several on either side: the engine's session and the
doctor have jobs asked; the dispatcher, programs and tests answer them.
"""

import asyncio
from typing import Literal, Protocol

import msgspec

from tapc.jobs import Job, Reply

Reason = Literal["ceiling", "endpoint", "refused", "failed", "busy", "stopped"]
"""Why there is no reply: a ceiling is reached; the endpoint is given up; this request is refused for good; too many
tries failed; another run asks it and does not end; the run was stopped."""


class NoReply(msgspec.Struct, frozen=True):
    """A job whose reply cannot be had in this run."""

    reason: Reason
    detail: str = ""


class JobSender(Protocol):
    """Has jobs asked, within limits and ceilings. Each job that is submitted ends once, in an `AnswerSink`."""

    async def start(self) -> None:
        """See to it that jobs can be asked; called before the first one, and not at all where the store has all."""
        ...

    def submit(self, job: Job, label: str, order: int) -> None:
        """Ask for a job.

        Args:
            job: what to ask.
            label: whose history its usage enters.
            order: its place among jobs that wait, 0 or more; smaller ones are sent first.
        """
        ...

    def stop(self) -> None:
        """Send no more; what is in flight is finished, the rest gets `NoReply("stopped")`."""
        ...


class AnswerSink(Protocol):
    """Takes answers from a `JobSender`, in the event loop's thread."""

    def put(self, job: Job, answer: Reply | NoReply) -> None:
        """A job has ended; its reply is durable by now. It must not fail, and must not take long."""
        ...


class Answers:
    """A queue of answers: filled by the dispatcher and by programs, emptied by the session."""

    def __init__(self) -> None:
        self._answers: list[tuple[Job, Reply | NoReply]] = []
        self._waiter: asyncio.Future[None] | None = None

    def put(self, job: Job, answer: Reply | NoReply) -> None:
        """See `AnswerSink`."""
        self._answers.append((job, answer))
        self._wake()

    def take(self) -> list[tuple[Job, Reply | NoReply]]:
        """All answers that have come since the last time, in order."""
        answers, self._answers = self._answers, []
        return answers

    async def wait(self, seconds: float) -> None:
        """Wait until there is an answer, for so long at most."""
        if self._answers:
            return
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
