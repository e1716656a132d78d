"""Tables that keep their numbers whole at any width: optional columns are left out first, names are cut last."""

from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

_GAP = 2
_CUT = "…"

Cell = str | Text


class Column(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        title: head of the column.
        style: style of its cells.
        right: whether cells are aligned to the right, as numbers are.
        least: width down to which its cells may be cut; 0 if they must stay whole.
        spare: order in which columns are left out, the greatest first; 0 means never.
    """

    title: str
    style: str = ""
    right: bool = False
    least: int = 0
    spare: int = 0


class Grid:
    """A table that takes its rows one by one and fits itself into the width of the console.

    Args:
        columns: titles; `>` before one aligns it right, `?` says that it may be left out (the last one first), `~` that
            its cells may be cut. First columns are names, and cut last.
    """

    def __init__(self, *columns: str) -> None:
        self._columns = [_column(column, number) for number, column in enumerate(columns)]
        self._rows: list[list[Cell]] = []

    def add_row(self, *cells: Cell) -> None:
        """Add a row."""
        self._rows.append(list(cells))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich prints."""
        columns, rows = self._columns, self._rows
        if max(map(len, table(columns, rows, width=10**6).plain.split("\n"))) > options.max_width:
            filled = [n for n in range(len(columns)) if any(_width(row[n]) for row in rows if n < len(row))]
            columns = [columns[n] for n in filled]
            rows = [[row[n] for n in filled if n < len(row)] for row in rows]
        yield table(columns, rows, width=options.max_width)


_LEAST = 12


def _column(column: str, number: int) -> Column:
    title = column.lstrip(">?~")
    marks = column[: len(column) - len(title)]
    least = _LEAST if not number or "~" in marks else 0
    style = "none" if number else "name"
    return Column(title, style=style, right=">" in marks, least=least, spare=number if "?" in marks else 0)


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    width: int,
    footer: Sequence[Cell] | None = None,
    title: str | None = None,
) -> Text:
    """Lay a table out, without blanks at the ends of lines.

    Args:
        columns: from left to right.
        rows: cells by row; one that is shorter than the columns ends there.
        width: columns of the terminal.
        footer: a last row in bold.
        title: a line above the head.
    """
    head: list[Cell] = [column.title for column in columns]
    every = [head, *rows, *([footer] if footer else [])]
    natural = [max((_width(row[n]) for row in every if n < len(row)), default=0) for n in range(len(columns))]
    shown, widths = _fit(columns, natural, width)
    lines: list[Text] = [Text(title, style="head")] if title else []
    lines.append(_line(columns, shown, widths, head, "quiet"))
    lines += [_line(columns, shown, widths, row, None) for row in rows]
    if footer:
        lines.append(_line(columns, shown, widths, footer, "head"))
    return Text("\n").join(lines)


def _width(cell: Cell) -> int:
    return cell_len(cell if isinstance(cell, str) else cell.plain)


def _fit(columns: Sequence[Column], natural: Sequence[int], width: int) -> tuple[list[int], list[int]]:
    """Numbers of the columns to show, and the width of each: optional columns go first, then names are cut."""
    shown = list(range(len(columns)))
    while (over := _over(natural, shown, width)) > 0:
        spare = max((n for n in shown if not columns[n].least), key=lambda n: columns[n].spare, default=None)
        if spare is None or not columns[spare].spare:
            break
        shown.remove(spare)
    while True:
        widths = list(natural)
        over = _over(natural, shown, width)
        for n in _by_slack(columns, natural, shown):
            if over <= 0:
                break
            taken = min(over, max(0, widths[n] - max(columns[n].least, cell_len(columns[n].title))))
            widths[n] -= taken
            over -= taken
        spare = max(shown, key=lambda n: columns[n].spare)
        if over <= 0 or not columns[spare].spare:
            return shown, widths
        shown.remove(spare)


def _over(natural: Sequence[int], shown: Sequence[int], width: int) -> int:
    """Number of columns by which the table is too wide."""
    return sum(natural[n] + _GAP for n in shown) - _GAP - width


def _by_slack(columns: Sequence[Column], natural: Sequence[int], shown: Sequence[int]) -> Iterator[int]:
    """Columns that may be cut, those with the most slack first."""
    yield from sorted((n for n in shown if columns[n].least), key=lambda n: columns[n].least - natural[n])


def _line(
    columns: Sequence[Column], shown: Sequence[int], widths: Sequence[int], cells: Sequence[Cell], style: str | None
) -> Text:
    line = Text()
    for n in shown:
        if n >= len(cells):
            break
        cell = cells[n]
        plain = cell if isinstance(cell, str) else cell.plain
        own = style or (columns[n].style if isinstance(cell, str) else str(cell.style))
        text = plain if cell_len(plain) <= widths[n] else set_cell_size(plain, widths[n] - 1) + _CUT
        gap = " " * (widths[n] - cell_len(text))
        if n != shown[0]:
            line.append(" " * _GAP)
        line.append(gap if columns[n].right else "")
        line.append(text, style=own)
        line.append("" if columns[n].right else gap)
    line.rstrip()
    return line
