"""`require no_reasoning [off]`."""

from tapc.ir import Check
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import Argument, CheckContext, CheckKind, Taken
from tapc.semantics.page import Page


class NoReasoning(Check):
    """Whether a text may contain thoughts.

    Attributes:
        off: they may; None where they may not.
    """

    off: bool | None = None

    def turned_off(self) -> bool:
        """See `Check`."""
        return bool(self.off)


def _read_off(args: list[Arg], context: CheckContext) -> Taken:  # noqa: ARG001 - what a reader is given
    return ({"off": True}, 1) if args and args[0].word == "off" else ({}, 0)


def _write_off(check: NoReasoning, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    return ["off"] if check.off else []


KIND = CheckKind(
    "no_reasoning",
    "no_reasoning [off]",
    (Argument(_read_off, _write_off, optional=True),),
    by_default=True,
    model=NoReasoning,
)
