"""Applies fixes to texts."""

from collections.abc import Iterable

from tapc.diagnostics.diagnostic import Diagnostic, Edit, Fix
from tapc.source import SourceFile, Span

_BLANKS = " \t"


def _clashes(edit: Edit, taken: list[Edit]) -> bool:
    """Whether an edit overlaps an accepted edit, or inserts at the same place."""
    for other in taken:
        if edit.span == other.span and (edit.span.start == edit.span.end or edit.text == other.text):
            return True
        if edit.span.start < other.span.end and other.span.start < edit.span.end:
            return True
    return False


def apply_fixes(diagnostics: Iterable[Diagnostic]) -> dict[str, str]:
    """Apply the first safe fix of each finding; of overlapping fixes, the first in order is applied.

    Returns:
        The new text of every file that changes, by file name. Checking again may find more to fix.
    """
    taken: dict[str, list[Edit]] = {}
    texts: dict[str, str] = {}
    for diagnostic in diagnostics:
        if diagnostic.allowed is not None:  # it is meant
            continue
        fix = next((fix for fix in diagnostic.fixes if fix.safe and fix.edits), None)
        if fix is not None and not any(_clashes(edit, taken.get(edit.file.name, [])) for edit in fix.edits):
            _take(fix, taken, texts)
    changed: dict[str, str] = {}
    for name, edits in taken.items():
        text = texts[name]
        for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        if text != texts[name]:
            changed[name] = text
    return changed


def _take(fix: Fix, taken: dict[str, list[Edit]], texts: dict[str, str]) -> None:
    for edit in fix.edits:
        taken.setdefault(edit.file.name, []).append(edit)
        texts.setdefault(edit.file.name, edit.file.text)


def removal(file: SourceFile, span: Span) -> Edit:
    """The edit that takes a statement out: with its lines if it is alone on them, else with one comma next to it."""
    text, (start, end) = file.text, (span.start, span.end)
    opened, closed = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    closed = len(text) if closed < 0 else closed + 1
    if not text[opened:start].strip() and text[end:closed].strip() in ("", ","):
        return Edit(file, Span(opened, closed), "")
    after = len(text) - len(text[end:].lstrip(_BLANKS))
    if text[after : after + 1] == ",":
        return Edit(file, Span(start, len(text) - len(text[after + 1 :].lstrip(_BLANKS))), "")
    before = text[:start].rstrip(_BLANKS)
    return Edit(file, Span(len(before) - 1 if before.endswith(",") else start, end), "")
