"""One row of a table as a node or value."""

from fractions import Fraction

import msgspec

from tapc.diagnostics import Label
from tapc.ir import Share
from tapc.semantics.report import Place
from tapc.semantics.space.columns import Column, Columns
from tapc.semantics.space.context import UNMARKED, Context, NodeDraft
from tapc.semantics.tables import Row, Table
from tapc.semantics.units import Problem, Quantity, parse_number

MAX_FINDINGS = 20
"""Findings about rows of one table; a wrong column would otherwise report every row."""


class TreeNode:
    """A node while its children are being collected."""

    __slots__ = ("children", "draft", "identity", "row")

    def __init__(self, identity: str, row: Row, draft: NodeDraft) -> None:
        self.identity = identity
        self.row = row
        self.children: list[TreeNode] = []
        self.draft = draft

    def closed(self, children: tuple[NodeDraft, ...]) -> NodeDraft:
        """The draft with its children."""
        return msgspec.structs.replace(self.draft, children=children)


class RowReader:
    """Reads rows of one table.

    Attributes:
        place: of `from` in the spec; nodes point there, findings about rows into the table.
        failed: whether a row was reported.
    """

    def __init__(self, context: Context, table: Table, columns: Columns, place: Place) -> None:
        self.context = context
        self.table = table
        self.place = place
        self.failed = False
        self._columns = columns
        self._found = 0

    def wrong(self, code: str, row: Row, message: str, notes: tuple[str, ...] = ()) -> None:
        """Report a row; after some, only that there are more."""
        self.failed = True
        self._found += 1
        if self._found > MAX_FINDINGS:
            return
        if self._found == MAX_FINDINGS:
            notes = (*notes, "further rows of this table are not reported")
        label = Label(self.table.file, self.table.span(row.line))
        message = f"{self.table.file.name}, row {row.number}: {message}"
        self.context.report.add(code, message, label, self.place.label("read here"), notes=notes)

    def cell(self, row: Row, column: Column | None) -> str | None:
        """Text of a cell that must not be empty; None after a finding."""
        if column is None:
            return None
        text = row.text(column[0])
        if not text:
            self.wrong(
                "TAP704", row, f"`{column[0]}` is empty" if text == "" else f"`{column[0]}` is not a plain value"
            )
            return None
        return text

    def node(self, row: Row, identity: str) -> TreeNode | None:
        """A node; None after a finding."""
        columns = self._columns
        name = identity if columns.name is None else self.cell(row, columns.name)
        share = self._share(row)
        if name is None or share is None:
            return None
        notes = tuple((key, text) for key, column in columns.notes if (text := row.text(column[0])))
        draft = NodeDraft(
            name,
            self.place,
            share,
            given=share is not UNMARKED,
            sized=share is not UNMARKED,
            title=self._optional(row, columns.title),
            definition=self._optional(row, columns.definition),
            notes=notes,
        )
        return TreeNode(identity, row, draft)

    def _optional(self, row: Row, column: Column | None) -> str | None:
        return (row.text(column[0]) or None) if column is not None else None

    def _share(self, row: Row) -> Share | None:
        kinds = (("count", self._columns.count), ("percent", self._columns.percent), ("weight", self._columns.weight))
        for kind, column in kinds:
            text = row.text(column[0]) if column is not None else ""
            if text == "" or column is None:
                continue
            value = _amount(text or "", kind)
            if isinstance(value, str):
                self.wrong("TAP704", row, f"`{column[0]}`: {value}")
                return None
            return Share.model_construct(kind=kind, value=value, at_least=None, at_most=None)
        return UNMARKED


def _amount(text: str, kind: str) -> Fraction | str:
    """An exact number of a table, or what is wrong with it."""
    number = parse_number(text)
    if isinstance(number, Problem):
        return number.message
    if not isinstance(number, Quantity) or number.money or number.unit not in ("", "%"):
        return f"`{text}` is not a number"
    if number.unit == "%" and kind != "percent":
        return f"`{text}` is a percentage; name the column as `percent`"
    value = number.value / 100 if kind == "percent" and number.unit == "" else number.value
    if value < 0 or (kind == "percent" and value > 1):
        return f"`{text}` is out of range"
    if kind == "count" and value.denominator != 1:
        return f"`{text}` is not a whole number"
    return value
