"""`require run [ … ]`."""

from tapc.ir import Check
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import Argument, CheckContext, CheckKind, Misshapen, Taken
from tapc.semantics.page import Page
from tapc.syntax import quote
from tapc.syntax.nodes import Quoted


class Run(Check):
    """A program that says whether a candidate passes."""

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """See `Check`."""
        return (self.command,)


def _read_command(args: list[Arg], context: CheckContext) -> Taken:  # noqa: ARG001 - what a reader is given
    parts = args[0].spread()
    words = [part.value.text for part in parts if isinstance(part.value, Quoted)]
    if not words or len(words) != len(parts):
        raise Misshapen
    return {"command": tuple(words)}, 1


def _write_command(check: Run, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    return [f"[{', '.join(map(quote, check.command))}]"]


KIND = CheckKind("run", "run [ … ]", (Argument(_read_command, _write_command),), model=Run)
