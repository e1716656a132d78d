"""The model of `generate`: texts or structures written by chat models."""

import re
from typing import ClassVar, Literal, Self

import msgspec

from tapc.ir import (
    AnyCheck,
    Check,
    FieldType,
    Frozen,
    Sampling,
    Step,
    Template,
    Writing,
)

_ALONE = re.compile(r"\s*\{\{-?\s*\w+(?:\.\w+)*\s*-?\}\}\s*")
"""A template that is one name."""


class Message(Frozen):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: Template


class Generate(Step):
    """One text, or structure, per candidate.

    Attributes:
        using: endpoints, in order; each makes `each` candidates.
        pick: `N of [pool]`: N endpoints drawn for the slot; None means all.
        messages: system, user and assistant messages in order.
        returns: structured output, as an object type.
        per: axes; the step is made once for each combination of their values.
        for_step: the step whose candidates each get a job.
        attempts: total tries a candidate.
        need: candidates the slot needs to go on; None means all.
        expect_tokens: expected output tokens, for the plan.
    """

    asked: ClassVar[frozenset[str]] = frozenset(
        {"using", "each", "for", "per", "prompt", "system", "messages", "returns"}
    )

    kind: Literal["generate"] = "generate"
    using: tuple[str, ...]
    pick: int | None = None
    each: int = 1
    messages: tuple[Message, ...]
    returns: FieldType | None = None
    per: tuple[str, ...] = ()
    for_step: str | None = None
    attempts: int = 3
    need: int | None = None
    require: tuple[AnyCheck, ...] = ()
    expect_tokens: int | None = None
    sampling: Sampling = Sampling.trusted()

    def templates(self) -> tuple[Template, ...]:
        """See `Step`."""
        return tuple(message.content for message in self.messages)

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.per if self.for_step is None else (self.for_step, *self.per)

    def checks(self) -> tuple[Check, ...]:
        """See `Step`."""
        return self.require

    def with_checks(self, checks: tuple[Check, ...]) -> Self:
        """See `Step`."""
        return self.model_copy(update={"require": checks})

    def alone(self) -> Self:
        """See `Step`."""
        return self.model_copy(update={"require": tuple(check for check in self.require if not check.remembers())})

    def asking(self) -> str:
        """See `Step`."""
        content = [(message.role, message.content.text) for message in self.messages]
        return msgspec.json.encode((content, self.per, self.for_step)).decode()

    def chats_with(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.using

    def chat_sampling(self) -> Sampling:
        """See `Step`."""
        return self.sampling

    def makes_candidates(self) -> bool:
        """See `Step`."""
        return True

    def writing(self) -> Writing:
        """See `Step`."""
        prose = self.returns is None or self.returns.holds_text()
        return Writing(self.using, self.pick, self.each, self.attempts, self.expect_tokens, prose, self.need)

    def system_reads(self) -> frozenset[str]:
        """See `Step`."""
        return frozenset(name for one in self.messages if one.role == "system" for name in one.content.reads)

    def embeds(self) -> frozenset[str]:
        """See `Step`."""
        return self._asked_with(alone=False)

    def answers(self) -> frozenset[str]:
        """See `Step`."""
        return self._asked_with(alone=True)

    def _asked_with(self, *, alone: bool) -> frozenset[str]:
        asked = (one.content for one in self.messages if one.role == "user")
        return frozenset(name for text in asked if bool(_ALONE.fullmatch(text.text)) is alone for name in text.reads)

    def parent(self) -> str | None:
        """See `Step`."""
        return self.for_step

    def shared_by(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.per
