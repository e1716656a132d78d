"""One finding about a spec."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from tapc.source import SourceFile, Span

Severity = Literal["error", "warning"]


class Label(msgspec.Struct, frozen=True):
    """A place in a file and the text shown there; an empty text only underlines the place."""

    file: SourceFile
    span: Span
    text: str = ""


class Edit(msgspec.Struct, frozen=True):
    """The replacement of a span by a text."""

    file: SourceFile
    span: Span
    text: str


class Fix(msgspec.Struct, frozen=True):
    """A change that removes the finding.

    Attributes:
        title: what the change does, in the imperative.
        edits: non-overlapping edits, applied together or not at all.
        safe: whether `check --fix` may apply the fix without asking, because it cannot change the meaning for the
            worse.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Allow(msgspec.Struct, frozen=True):
    """`allow CODE: "reason"` in a spec: warnings of this code are meant.

    Attributes:
        code: code of the warnings.
        reason: why they are meant.
        label: where the statement is.
        removal: edit that takes the statement out.
    """

    code: str
    reason: str
    label: Label
    removal: Edit


class Diagnostic(msgspec.Struct, frozen=True):
    """A finding: code, severity, message, the primary place followed by related places, notes and fixes.

    `labels` is empty for findings without a place in a file, such as a missing folder or a wrong option.

    `about` names parts of the spec, as `tapc.semantics.Report.origin` does, where a finding is made by code that does
    not know the text of the spec: `endpoint.writer.key`. Commands turn them into labels.

    `allowed` is the statement that silences a warning; such a finding is counted and written for programs, but not
    shown or fixed.
    """

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    about: tuple[str, ...] = ()
    allowed: Allow | None = None


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any finding is an error."""
    return any(d.severity == "error" for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort by file, place, code and message, and drop exact repetitions; what is allowed here may be found there."""

    def key(d: Diagnostic) -> tuple[str, int, int, str, str, str]:
        by = "" if d.allowed is None else f"{d.allowed.label.file.name}:{d.allowed.label.span.start}"
        if not d.labels:
            return ("", 0, 0, d.code, d.message, by)
        first = d.labels[0]
        return (first.file.name, first.span.start, first.span.end, d.code, d.message, by)

    seen: dict[tuple[str, int, int, str, str, str], Diagnostic] = {}
    for diagnostic in diagnostics:
        seen.setdefault(key(diagnostic), diagnostic)
    return [seen[k] for k in sorted(seen)]
