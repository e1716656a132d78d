"""`require language`."""

from tapc.ir import Check
from tapc.semantics.lower.arguments import CheckKind


class Language(Check):
    """The language that a slot asks for."""

    def axes(self) -> tuple[str, ...]:
        """See `Check`."""
        return ("language",)


KIND = CheckKind("language", "language", axis="language", model=Language)
