"""Findings for people: the message, the lines it is about, what to do."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tapc.diagnostics import Diagnostic, Label, rule
from tapc.outside.visible import shown as shown_as
from tapc.outside.visible import visible as escaped
from tapc.source import SourceFile

TAB = 4
"""Distance of tab stops; a tab is shown as spaces, so that underlines are below the text they mark."""

_IN_CLEAR = "TAP401"
"""The finding whose place is a secret: no excerpt shows it, since terminals are logged."""

MAX_LINE = 160
"""Columns of a source line that are shown without a terminal; longer lines are cut around the place."""

_CUT = "…"
_LEAST_ROOM = 20


class _Line(msgspec.Struct, frozen=True):
    """A source line as shown, and the column at which each of its characters begins (one more for its end)."""

    shown: str
    columns: tuple[int, ...]


def _line(text: str, focus: tuple[int, int], room: int) -> _Line:
    """A line in at most `room` columns: where it is longer, the part around the characters of `focus`."""
    pieces: list[str] = []
    columns = [0]
    before = " "
    for char in text:
        pieces.append(" " * (TAB - columns[-1] % TAB) if char == "\t" else shown_as(char, before))
        columns.append(columns[-1] + cell_len(pieces[-1]))
        before = char
    if columns[-1] <= room:
        return _Line("".join(pieces), tuple(columns))
    inner = max(1, room - 2 * len(_CUT))
    first, last = columns[focus[0]], columns[focus[1]]
    lead = max(0, inner - (last - first)) // 2
    start = bisect_left(columns, max(0, min(first - lead, columns[-1] - inner)))
    end = max(start + 1, bisect_right(columns, columns[start] + inner) - 1)
    shift = columns[start] - (len(_CUT) if start else 0)
    limit = columns[end] - shift
    shown = (_CUT if start else "") + "".join(pieces[start:end]) + (_CUT if end < len(text) else "")
    return _Line(shown, tuple(min(max(0, column - shift), limit) for column in columns))


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
    file: SourceFile, labels: Sequence[tuple[Label, bool]], secrets: Sequence[Label], gutter: int, style: str, room: int
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
        chief = next((row for row in found if row[1]), found[0])
        line = _line(_masked(file, number, secrets), _marks(chief[0], number), room)
        yield Text(f"{number:>{gutter}} │ ", style="quiet").append(Text(line.shown, style="none"))
        for label, primary, text in found:
            first, last = _marks(label, number)
            left = line.columns[first]
            width = max(1, line.columns[last] - left)
            mark = Text(f"{'':>{gutter}} │ ", style="quiet")
            look = style if primary else "name"
            mark.append(" " * left + ("^" if primary else "-") * width, style=look)
            said = escaped(text)
            if said and left + width + 1 + cell_len(said) > room:  # the text goes below the mark, aligned to its end
                yield mark
                mark = Text(f"{'':>{gutter}} │ ", style="quiet")
                said = " " * max(0, min(left, room - cell_len(said))) + said
            elif said:
                said = " " + said
            yield mark.append(said, style=look)


def _with_indent(head: Text, text: str, indent: int) -> Text:
    """Append a note; its further lines are below its first."""
    lines = text.split("\n")
    head.append(escaped(lines[0]))
    for line in lines[1:]:
        head.append("\n" + " " * indent + escaped(line))
    return head


def render(diagnostic: Diagnostic, secrets: Sequence[Label] = (), width: int | None = None) -> list[Text]:
    """The lines of one finding.

    Args:
        diagnostic: the finding.
        secrets: places whose text is not shown.
        width: columns of the terminal, into which lines of the spec are cut; None if there is no terminal.
    """
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
        room = MAX_LINE if width is None else max(_LEAST_ROOM, width - gutter - 3)
        lines += _excerpt(label.file, labels, secrets, gutter, style, room)
    pad = f"{'':>{gutter}} "
    for note in diagnostic.notes:
        lines.append(_with_indent(Text(f"{pad}= note: ", style="quiet"), note, gutter + 9))
    for fix in diagnostic.fixes:
        how = "  (applied by `tapc check --fix`)" if fix.safe else ""
        lines.append(_with_indent(Text(f"{pad}= help: ", style="good"), fix.title + how, gutter + 9))
    return lines


def show_findings(console: Console, findings: Iterable[Diagnostic]) -> None:
    """Print findings, an empty line between them, and how many there are; allowed ones are only counted."""
    errors = warnings = 0
    everything = list(findings)
    findings = [finding for finding in everything if finding.allowed is None]
    secrets = [label for finding in findings if finding.code == _IN_CLEAR for label in finding.labels[:1]]
    for finding in findings:
        for line in render(finding, secrets, console.width if console.is_terminal else None):
            console.print(line, soft_wrap=True)
        console.print()
        errors += finding.severity == "error"
        warnings += finding.severity == "warning"
    counts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    counts += [f"{n} allowed" for n in (len(everything) - len(findings),) if n]
    if counts:
        console.print(Text(", ".join(counts) + ".", style="bad" if errors else "warn"), soft_wrap=True)
