"""A finding without a file: its spans and edits are offsets only."""

import msgspec

from tapc.diagnostics import Diagnostic, Edit, Fix, Label, rule
from tapc.source import SourceFile, Span


class Patch(msgspec.Struct, frozen=True):
    """A fix: one or more replacements in the text."""

    title: str
    edits: tuple[tuple[Span, str], ...]
    safe: bool = True


class SyntaxProblem(msgspec.Struct, frozen=True):
    """A finding: what is wrong, where, and what to do.

    Attributes:
        related: further places with their texts.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    related: tuple[tuple[Span, str], ...] = ()
    notes: tuple[str, ...] = ()
    patches: tuple[Patch, ...] = ()

    def diagnostic(self, file: SourceFile) -> Diagnostic:
        """The finding in its file."""
        labels = (Label(file, self.span, self.label), *(Label(file, span, text) for span, text in self.related))
        fixes = tuple(
            Fix(patch.title, tuple(Edit(file, span, text) for span, text in patch.edits), safe=patch.safe)
            for patch in self.patches
        )
        return Diagnostic(self.code, rule(self.code).severity, self.message, labels, self.notes, fixes)


class Refused(Exception):  # noqa: N818 - it carries a problem, it is not one
    """A token of valid form with invalid content; ends the parse of its statement."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem
