"""Trees from tables: with a column that names the parent, or with one column per level."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from tapc.importing.model import MAX_DEPTH, Node, Refusal, unlike
from tapc.semantics.tables import Row, Table

_GUESSES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "code", "key"),
    "parent": ("parent", "parent_id", "parent_code", "parent_name"),
    "name": ("name", "title", "label", "name_en"),
    "weight": ("weight", "share", "w"),
    "percent": ("percent", "percentage", "pct"),
    "definition": ("definition", "description"),
}
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?")


class Columns(msgspec.Struct, frozen=True):
    """Columns of a table by role; those that are None are guessed from the header. `levels` start at the root.

    Attributes:
        percent: column of shares of the parent, `12.5` or `12.5%`.
    """

    id: str | None = None
    parent: str | None = None
    name: str | None = None
    weight: str | None = None
    percent: str | None = None
    definition: str | None = None
    levels: tuple[str, ...] = ()


def tree_of(table: Table, asked: Columns) -> tuple[Node, ...]:
    """The tree that a table describes.

    Raises:
        Refusal: a column is missing, or the rows do not form a tree.
    """
    given = {role: getattr(asked, role) for role in _GUESSES}
    for column in (*given.values(), *asked.levels):
        if column is not None and not table.has(column):
            message = f"{table.file.name} has no column `{column}`"
            raise Refusal("TAP722", message, f"it has {', '.join(table.columns[:20]) or 'none'}")
    known = {column.strip().lower(): column for column in reversed(table.columns)}
    chosen = {
        role: given[role] or next((known[word] for word in words if word in known), None)
        for role, words in _GUESSES.items()
    }
    if given["weight"] and given["percent"]:
        raise Refusal("TAP722", "a share is a weight or a percentage, not both", "remove --weight or --percent")
    chosen = {**chosen, **({"percent": None} if given["weight"] else {"weight": None} if chosen["percent"] else {})}
    extras = {chosen["weight"], chosen["percent"], chosen["definition"]}
    if asked.levels or (chosen["parent"] is None and chosen["name"] is None and chosen["id"] is None):
        return _wide(table, asked.levels or tuple(c for c in table.columns if c not in extras), chosen)
    return _narrow(table, chosen)


def _cell(table: Table, row: Row, column: str | None) -> str:
    if column is None:
        return ""
    text = row.text(column)
    return _refuse(table, row, f"`{column}` is empty") if text is None else text


def _refuse(table: Table, row: Row, why: str) -> str:
    raise Refusal("TAP722", f"{table.file.name}, row {row.number}: {why}", "correct the row, or choose other columns")


def _share(table: Table, row: Row, chosen: Mapping[str, str | None]) -> str:
    """The share of a row: a weight, or a percentage."""
    if chosen["percent"] is None:
        return _weight(table, row, chosen["weight"])
    text = _weight(table, row, chosen["percent"], percent=True)
    if text and Fraction(text) > 100:
        _refuse(table, row, f"`{text}` is more than 100%")
    return f"{text}%" if text else ""


def _weight(table: Table, row: Row, column: str | None, *, percent: bool = False) -> str:
    value = row.cells.get(column) if column else None
    text = str(value) if isinstance(value, float) else _cell(table, row, column)
    if percent:
        text = text.removesuffix("%").rstrip()
    if text and not _NUMBER.fullmatch(text):
        _refuse(table, row, f"the {'percentage' if percent else 'weight'} `{text[:40]}` is not a number")
    return text


def _narrow(table: Table, chosen: Mapping[str, str | None]) -> tuple[Node, ...]:
    key = chosen["id"] or chosen["name"]
    rows: dict[str, Row] = {}
    below: dict[str, list[str]] = {}
    for row in table.rows:
        name = _cell(table, row, key)
        if not name or name in rows:
            first = f"the name `{name[:80]}` is in row {rows[name].number} too" if name else "the name is empty"
            _refuse(table, row, first)
        rows[name] = row
        below.setdefault(_cell(table, row, chosen["parent"]), []).append(name)
    for parent, children in below.items():
        if parent and parent not in rows:
            _refuse(table, rows[children[0]], f"its parent `{parent[:80]}` is not in the table")
    done = 0

    def build(name: str, depth: int) -> Node:
        nonlocal done
        row = rows[name]
        done += 1
        if depth > MAX_DEPTH:
            _refuse(table, row, f"more than {MAX_DEPTH} levels")
        title = _cell(table, row, chosen["name"])
        return Node(
            name,
            "" if title == name else title,
            _cell(table, row, chosen["definition"]),
            _share(table, row, chosen),
            children=tuple(build(child, depth + 1) for child in below.get(name, ())),
        )

    found = tuple(build(name, 1) for name in below.get("", ()))
    if done < len(rows):
        raise Refusal("TAP722", f"{table.file.name}: rows are each other's parents", "every row must lead to the root")
    return found


def _wide(table: Table, levels: Sequence[str], chosen: Mapping[str, str | None]) -> tuple[Node, ...]:
    if len(levels) > MAX_DEPTH:
        raise Refusal("TAP722", f"{table.file.name}: more than {MAX_DEPTH} levels", "name the columns with --levels")
    tree: dict[str, dict[str, object]] = {}
    extra: dict[tuple[str, ...], tuple[str, str]] = {}
    first: dict[tuple[str, ...], Row] = {}
    for row in table.rows:
        path = tuple(name for name in (_cell(table, row, level) for level in levels) if name)
        if not path:
            _refuse(table, row, "no level has a name")
        if path in first:
            _refuse(table, row, f"`{' > '.join(path)[:200]}` is in row {first[path].number} too")
        first[path] = row
        at: dict[str, object] = tree  # pyright: ignore[reportAssignmentType] - the same tree, one level at a time
        for name in path:
            at = at.setdefault(name, {})  # pyright: ignore[reportAssignmentType] - the same
        extra[path] = (_cell(table, row, chosen["definition"]), _share(table, row, chosen))

    def build(level: Mapping[str, object], path: tuple[str, ...]) -> tuple[Node, ...]:
        made: list[Node] = []
        for name, inner in level.items():
            definition, weight = extra.get((*path, name), ("", ""))
            below = build(inner, (*path, name))  # pyright: ignore[reportArgumentType] - the same
            made.append(Node(name, "", definition, weight, children=below))
        return unlike(made, table.file.name)

    return build(tree, ())
