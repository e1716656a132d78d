"""Words that are no names unless they are quoted."""

from tapc.diagnostics import Edit, Fix
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context
from tapc.source import SourceFile
from tapc.syntax.nodes import Entry, Name, Quoted

RESERVED = (
    "import", "param", "when", "exclude", "count", "at_least", "at_most", "title", "definition", "example", "note",
    "only", "except", "from", "columns", "levels",
)  # fmt: skip
_BY_LENGTH = {
    length: tuple(word for word in RESERVED if abs(len(word) - length) <= 1)
    for length in range(3, max(map(len, RESERVED)) + 2)
}


def one_letter_away(word: str) -> str | None:
    """The reserved word at Levenshtein distance 1, if any."""
    for known in _BY_LENGTH.get(len(word), ()):
        # One edit leaves the first or the last letter: most words are ruled out at a glance.
        if (word[0] == known[0] or word[-1] == known[-1]) and _one_edit(word, known):
            return known
    return None


def _one_edit(a: str, b: str) -> bool:
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    same = 0
    while same < len(a) and a[same] == b[same]:
        same += 1
    return a[same + (len(a) == len(b)) :] == b[same + 1 :]


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
    close = one_letter_away(head.text)
    if close is not None:
        message = f"`{head.text}` is one letter away from the reserved word `{close}`"
        correct = Fix(f"write `{close}`", (Edit(file, head.span, close),), safe=False)
        notes = (f'write `{close}`, or `"{head.text}"` if it is a name',)
        context.report.add("TAP204", message, place, notes=notes, fixes=(correct, quote))
        return None
    return head.text
