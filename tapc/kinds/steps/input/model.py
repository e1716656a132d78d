"""The model of `input`: existing rows, dealt to slots."""

from typing import ClassVar, Literal

from tapc.ir import RowFiles, Step, Template


class Input(RowFiles, Step):
    """Existing rows dealt to slots."""

    asked: ClassVar[frozenset[str]] = frozenset({"file", "hub", "field", "columns", "match"})

    kind: Literal["input"] = "input"

    def templates(self) -> tuple[Template, ...]:
        """See `Step`."""
        return () if self.file is None else (self.file,)

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return tuple(axis for axis, _ in self.match)

    def rows(self) -> RowFiles:
        """See `Step`."""
        return self

    def makes_candidates(self) -> bool:
        """See `Step`."""
        return True
