"""Rendering a step's messages."""

from collections.abc import Mapping
from typing import Any, Literal

from tapc.jobs import Message
from tapc.kinds.steps.generate.model import Message as MessageTemplate
from tapc.templates import Renderer, compile_template

Role = Literal["system", "user", "assistant"]


class Prompt:
    """A step's messages as templates, compiled once.

    Attributes:
        reads: names they read.
        samples: whether the sample seed can matter.
    """

    def __init__(self, messages: tuple[MessageTemplate, ...]) -> None:
        self._parts: list[tuple[Role, Renderer]] = [(one.role, compile_template(one.content)) for one in messages]
        self.samples = any(renderer.samples for _, renderer in self._parts)
        self.reads = frozenset(name for message in messages for name in message.content.reads)

    def render(self, names: Mapping[str, Any], sample_seed: int) -> tuple[Message, ...]:
        """Render all messages; empty system messages are left out, since some servers refuse them."""
        found: list[Message] = []
        for role, renderer in self._parts:
            content = renderer.render(names, sample_seed)
            if content or role != "system":
                found.append(Message(role, content))
        return tuple(found)
