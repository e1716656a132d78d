"""Heads of entries as names."""

from tapc.diagnostics import Edit, Fix
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context
from tapc.source import SourceFile
from tapc.syntax import RESERVED, one_letter_away
from tapc.syntax.nodes import Entry, Name, Quoted, Text


def entry_name(context: Context, file: SourceFile, entry: Entry) -> str | None:
    """The name an entry declares; None (reported) where its head cannot be one."""
    head = entry.head
    if isinstance(head, Quoted):
        if head.text.strip():
            return head.text
        context.report.add("TAP208", "a name cannot be empty", Place(file, head.span))
        return None
    place = Place(file, head.span)
    quote = Fix("put the name in quotes", (Edit(file, head.span, f'"{head.text}"'),), safe=False)
    if not isinstance(head, Name):
        message = f"`{head.text}` is a number, not a name"
        context.report.add("TAP208", message, place, notes=(f'as a name write `"{head.text}"`',), fixes=(quote,))
        return None
    if head.text in RESERVED:
        message = f"`{head.text}` is a word of the language and means nothing here"
        context.report.add("TAP205", message, place, notes=("as a name, put it in quotes",), fixes=(quote,))
        return None
    followed = bool(entry.values) and isinstance(entry.values[0], Quoted | Text)
    close = one_letter_away(head.text) if followed else None
    if close is not None:
        message = f"`{head.text}` is one letter away from the reserved word `{close}`"
        correct = Fix(f"write `{close}`", (Edit(file, head.span, close),), safe=False)
        notes = (f'write `{close}`, or `"{head.text}"` if it is a name',)
        context.report.add("TAP204", message, place, notes=notes, fixes=(correct, quote))
    return head.text
