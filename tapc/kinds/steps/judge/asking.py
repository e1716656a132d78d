"""Asking a judge until its reply can be read."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from tapc.jobs import Draw, JobFactory, Message
from tapc.kinds.steps.judge.form import Nonsense
from tapc.steps.effects import Ask
from tapc.steps.results import Rejection
from tapc.steps.texts import ALL_THOUGHT, reason_of, tidy

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """What a judge said in the end.

    Attributes:
        read: the reading, None where no attempt gave one.
        key: key of the job that gave it.
        rejections: replies that could not be read.
    """

    read: T | None
    key: bytes
    rejections: tuple[Rejection, ...]


async def ask_judge(
    factory: JobFactory,
    messages: tuple[Message, ...],
    read: Callable[[str], T],
    *,
    attempts: int,
    candidate: int,
) -> Answer[T]:
    """Ask up to `attempts` times.

    The draw names no slot: a verdict depends on what is read alone, so the same text is judged once, for all askers.

    Args:
        factory: job factory of the judge.
        messages: messages that it reads.
        read: makes sense of a reply, or raises `Nonsense`.
        attempts: most tries.
        candidate: whom rejections name.
    """
    rejections: list[Rejection] = []
    recipe = factory.recipe
    for attempt in range(attempts):
        job = factory.job(messages, Draw(0, b"", 0, 0, attempt))
        reply = await Ask(job)
        text = reply.texts[0] if reply.texts else ""
        reason, detail = reason_of(reply)
        if reply.outcome == "ok":
            answer, thought = tidy(text, reply.reasoning[0] if reply.reasoning else "")
            try:
                return Answer(read(answer), job.key, tuple(rejections))
            except Nonsense as error:
                reason, detail = "nonsense", ALL_THOUGHT if thought and not answer else str(error)
        rejections.append(Rejection(recipe.step, candidate, attempt, reason, detail, text, recipe.endpoint, job.key))
    return Answer(None, b"", tuple(rejections))
