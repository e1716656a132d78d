"""Resources of compiled steps, passed by the packages above."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from tapc.checks import CheckTools
from tapc.jobs import Message
from tapc.steps.program import SlotKey


class CandidateDraws(Protocol):
    """Draws values of `per candidate` mixes; a pure function of the slot's identity."""

    def value(self, key: SlotKey, mix: str, candidate: int, width: int) -> str:
        """Name of the value one candidate gets.

        Args:
            key: the slot; only its cell and ordinal count.
            mix: name of a `per candidate` mix.
            candidate: stable index among the slot's candidates of the step, below `width`.
            width: most candidates the step makes for a slot.
        """
        ...

    def view(self, mix: str, value: str) -> Any:
        """What templates see under the mix's name."""
        ...


class InputRow(msgspec.Struct, frozen=True):
    """One row of an input.

    Attributes:
        text: the prompt; a text column's value.
        fields: the other columns by the names the spec gives them.
        messages: the row as a conversation, where its field holds one, up to what `text` answers.
    """

    text: str
    fields: dict[str, Any]
    messages: tuple[Message, ...] = ()


class RowSource(Protocol):
    """Rows of one input step, dealt to slots before the run; whether there are enough is found at plan time."""

    def row(self, key: SlotKey) -> InputRow | None:
        """The row dealt to a slot, None where none is left (a replacement without a row is short)."""
        ...


class StepTools(msgspec.Struct, frozen=True):
    """Resources for `compile_steps`.

    Attributes:
        draws: needed where a step reads a `per candidate` mix.
        rows: by name of input step.
        checks: what checks need: benchmark texts, programs.
        programs: digest of the files behind a `run [ … ]` command, by command; needed where a score step has one.
    """

    draws: CandidateDraws | None = None
    rows: Mapping[str, RowSource] = {}
    checks: CheckTools = CheckTools()
    programs: Mapping[tuple[str, ...], str] = {}
