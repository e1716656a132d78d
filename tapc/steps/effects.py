"""What a step may await.

Steps are written as coroutines that never touch an event loop: they await the effects below, and their driver
(a live run, an offline rebuild, a preview) answers. So a step is a pure function of replies and decisions.
"""

from collections.abc import Coroutine, Generator
from typing import Any, Protocol, TypeVar

import msgspec

from tapc.jobs import Job, Reply

T = TypeVar("T")
Steps = Coroutine[Any, Any, T]
"""A coroutine that awaits only effects and returns T."""


class Missing(Exception):  # noqa: N818 - control flow between driver and step, not an error
    """Thrown into a step by its driver where a reply cannot be had (offline, ceiling, dead endpoint).

    Steps must let it pass: the slot is short, and network luck must not steer content.
    """


class Ask:
    """Await the reply to a job."""

    __slots__ = ("job",)

    def __init__(self, job: Job) -> None:
        self.job = job

    def __await__(self) -> Generator["Ask", Reply, Reply]:
        return (yield self)


class Both:
    """Await several coroutines that make progress side by side; their results come in the order given.

    If any of them raises, the others are closed and the error passes on.
    """

    __slots__ = ("parts",)

    def __init__(self, parts: "list[Steps[Any]]") -> None:
        self.parts = parts

    def __await__(self) -> "Generator[Both, list[Any], list[Any]]":
        return (yield self)


DECISIONS_VERSION = 2
"""Version of the order in which decisions that depend on other slots are taken (docs/decisions/blocks.md): another one
may decide otherwise over the same replies. It is part of the digest of plans with such decisions."""


class Asker(msgspec.Struct, frozen=True, gc=False):
    """Who asks for a decision: a candidate of a step of a slot, at an attempt (from 0)."""

    step: str
    candidate: int
    attempt: int


class Decide:
    """Await a decision that depends on other slots, and is therefore taken in rank order (`unique`).

    Attributes:
        asker: who asks.
        check: the check that decides; an object with a `decide(text, group) -> str | None` method and state.
        text: what is judged.
        group: value of the `within` axis, or empty.

    The answer is None (accepted) or the reason for rejection.
    """

    __slots__ = ("asker", "check", "group", "text")

    def __init__(self, asker: Asker, check: "RankedCheck", text: str, group: str) -> None:
        self.asker = asker
        self.check = check
        self.text = text
        self.group = group

    def __await__(self) -> "Generator[Decide, str | None, str | None]":
        return (yield self)


class RankedCheck(Protocol):
    """A check with memory; called in rank order only. Acceptance adds the text to the memory."""

    def decide(self, text: str, group: str) -> str | None:
        """Accept (None, and remember) or reject with a reason."""
        ...


async def gather(parts: "list[Steps[T]]") -> list[T]:
    """Run coroutines side by side; one alone is awaited in place, which is cheaper."""
    if len(parts) == 1:
        return [await parts[0]]
    return list(await Both(list(parts)))
