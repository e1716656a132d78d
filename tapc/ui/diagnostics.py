"""Findings for people: the message, the lines it is about, what to do."""

from collections.abc import Iterable, Sequence

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tapc.diagnostics import Diagnostic, Label, rule
from tapc.outside import shown as shown_as
from tapc.outside import visible as escaped
from tapc.source import SourceFile

TAB = 4
"""Columns a tab advances to; every tab is shown as spaces so that underlines stand under what they mean."""

_IN_CLEAR = "TAP401"
"""The finding whose place is a secret: no excerpt shows what stands there, since terminals are logged."""

MAX_LINE = 160
"""Characters of a source line that are shown; longer ones are cut around the place."""


class _Line(msgspec.Struct, frozen=True):
    """A source line as shown, and the column at which each of its characters begins (one more for its end)."""

    shown: str
    columns: tuple[int, ...]


def _line(text: str, focus: int) -> _Line:
    start = max(0, min(focus - MAX_LINE // 2, len(text) - MAX_LINE)) if len(text) > MAX_LINE else 0
    parts: list[str] = ["…"] if start else []
    column = 1 if start else 0
    columns = [0] * start
    before = " "
    for char in text[start : start + MAX_LINE]:
        columns.append(column)
        shown = " " * (TAB - column % TAB) if char == "\t" else shown_as(char, before)
        before = char
        column += cell_len(shown)
        parts.append(shown)
    if start + MAX_LINE < len(text):
        parts.append("…")
    columns += [column] * (len(text) + 1 - len(columns))
    return _Line("".join(parts), tuple(columns))


def _marks(label: Label, number: int) -> tuple[int, int]:
    """The part of a line, in characters from 0, that a label covers."""
    start, end = label.file.position(label.span.start), label.file.position(label.span.end)
    line = label.file.line(number)
    first = start.column - 1 if number == start.line else len(line) - len(line.lstrip())
    last = end.column - 1 if number == end.line else len(line.rstrip())
    return min(first, len(line)), min(max(last, first), len(line))


def _masked(file: SourceFile, number: int, secrets: Iterable[Label]) -> str:
    """A line with asterisks for what is secret; quotes stay."""
    chars = list(file.line(number))
    for label in secrets:
        lines = file.position(label.span.start).line, file.position(label.span.end).line
        if label.file.name == file.name and lines[0] <= number <= lines[1]:
            first, last = _marks(label, number)
            chars[first:last] = ["*" if char.isprintable() and char not in ' "' else char for char in chars[first:last]]
    return "".join(chars)


def _excerpt(
    file: SourceFile, labels: Sequence[tuple[Label, bool]], secrets: Sequence[Label], gutter: int, style: str
) -> Iterable[Text]:
    """The lines of one file that labels point at, underlined; a label over several lines shows its first and last."""
    rows: dict[int, list[tuple[Label, bool, str]]] = {}
    for label, primary in labels:
        start, end = file.position(label.span.start).line, file.position(label.span.end).line
        if end > start and file.position(label.span.end).column == 1:
            end -= 1
        rows.setdefault(start, []).append((label, primary, label.text if end == start else ""))
        if end > start:
            rows.setdefault(end, []).append((label, primary, label.text))
    before: int | None = None
    for number in sorted(rows):
        if before is not None and number > before + 1:
            yield Text(f"{'':>{gutter}} ┆", style="quiet")
        before = number
        found = sorted(rows[number], key=lambda row: row[0].span)
        line = _line(_masked(file, number, secrets), _marks(found[0][0], number)[0])
        yield Text(f"{number:>{gutter}} │ ", style="quiet").append(Text(line.shown, style="none"))
        for label, primary, text in found:
            first, last = _marks(label, number)
            left = line.columns[first]
            width = max(1, line.columns[last] - left)
            mark = Text(f"{'':>{gutter}} │ ", style="quiet")
            mark.append(" " * left + ("^" if primary else "-") * width, style=style if primary else "name")
            if text:
                mark.append(" " + escaped(text), style=style if primary else "name")
            yield mark


def _with_indent(head: Text, text: str, indent: int) -> Text:
    """A note whose further lines stand under its first."""
    lines = text.split("\n")
    head.append(escaped(lines[0]))
    for line in lines[1:]:
        head.append("\n" + " " * indent + escaped(line))
    return head


def render(diagnostic: Diagnostic, secrets: Sequence[Label] = ()) -> list[Text]:
    """The lines of one finding; those of the spec without what stands at `secrets`."""
    style = "bad" if diagnostic.severity == "error" else "warn"
    head = Text(f"{diagnostic.severity}[{diagnostic.code}]", style=style)
    head.append(f" {rule(diagnostic.code).name}: ", style="none")
    first, *more = diagnostic.message.split("\n")
    head.append(escaped(first), style="head")
    lines = [head, *(Text(f"  {escaped(line)}") for line in more)]
    files: dict[str, list[tuple[Label, bool]]] = {}
    for i, label in enumerate(diagnostic.labels):
        files.setdefault(label.file.name, []).append((label, i == 0))
    numbers = [label.file.position(label.span.end).line for label in diagnostic.labels]
    gutter = len(str(max(numbers, default=1)))
    for i, labels in enumerate(files.values()):
        label = labels[0][0]
        at = label.file.position(label.span.start)
        arrow = "-->" if i == 0 else ":::"
        place = f"{'':>{gutter}}{arrow} {escaped(label.file.name)}:{at.line}:{at.column}"
        lines.append(Text(place, style="quiet"))
        lines += _excerpt(label.file, labels, secrets, gutter, style)
    pad = f"{'':>{gutter}} "
    for note in diagnostic.notes:
        lines.append(_with_indent(Text(f"{pad}= note: ", style="quiet"), note, gutter + 9))
    for fix in diagnostic.fixes:
        how = "  (applied by `tapc check --fix`)" if fix.safe else ""
        lines.append(_with_indent(Text(f"{pad}= help: ", style="good"), fix.title + how, gutter + 9))
    return lines


def show_findings(console: Console, findings: Iterable[Diagnostic]) -> None:
    """Print findings, an empty line between them, and how many there are."""
    errors = warnings = 0
    findings = list(findings)
    secrets = [label for finding in findings if finding.code == _IN_CLEAR for label in finding.labels[:1]]
    for finding in findings:
        for line in render(finding, secrets):
            console.print(line, soft_wrap=True)
        console.print()
        errors += finding.severity == "error"
        warnings += finding.severity == "warning"
    counts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    if counts:
        console.print(Text(", ".join(counts) + ".", style="bad" if errors else "warn"), soft_wrap=True)
