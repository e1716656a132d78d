"""Nodes and values from tables: by identity and parent, by levels of a wide table, or flat."""

import msgspec

from tapc.diagnostics import Label, did_you_mean
from tapc.semantics.report import Place
from tapc.semantics.space.columns import Columns, read_columns
from tapc.semantics.space.context import MAX_DEPTH, Context, NodeDraft
from tapc.semantics.space.rows import RowReader, TreeNode
from tapc.semantics.space_input import Axis
from tapc.semantics.tables import Row, Table, TableProblem, read_table
from tapc.source import LoadError
from tapc.syntax.nodes import Block


def table_children(
    context: Context,
    source: tuple[str, Place],
    columns: Block | None,
    levels: tuple[tuple[str, Place], ...],
    axis: Axis,
) -> tuple[NodeDraft, ...]:
    """Nodes or values of a table; what is wrong is reported with file and row."""
    path, place = source
    table = _load(context, path, place)
    if table is None:
        return ()
    wanted = read_columns(context, place.file, columns)
    if axis == "mix" and levels:
        context.report.add("TAP205", "`levels` describes trees; a mix is flat", levels[0][1])
        return ()
    if not _exist(context, table, [*wanted.all(), *levels]) or not _enough(context, wanted, levels, place, axis):
        return ()
    if not context.spend(place, len(table.rows)):
        return ()
    if levels:
        wanted = msgspec.structs.replace(wanted, name=None)  # the levels are the names
    reader = RowReader(context, table, wanted, place)
    roots = _by_levels(reader, levels) if levels else _by_identity(reader, wanted, axis)
    return tuple(_draft(node) for node in roots)


def _load(context: Context, path: str, place: Place) -> Table | None:
    given = context.given
    try:
        data = given.loader.read(given.folder(place.file) / path)
    except (LoadError, ValueError) as error:  # ValueError: a null character in the path
        context.report.add("TAP701", str(error), place)
        return None
    found = read_table(data, path)
    if isinstance(found, Table):
        return found
    _report(context, found, place)
    return None


def _report(context: Context, problem: TableProblem, place: Place) -> None:
    notes = (problem.note,) if problem.note else ()
    if problem.file is None or problem.line is None:
        context.report.add(problem.code, problem.message, place, notes=notes)
        return
    spot = Table(problem.file, (), ()).span(problem.line)
    context.report.add(problem.code, problem.message, Label(problem.file, spot), place.label("read here"), notes=notes)


def _exist(context: Context, table: Table, wanted: list[tuple[str, Place]]) -> bool:
    missing = [(column, place) for column, place in wanted if not table.has(column)]
    for column, place in missing:
        better = did_you_mean(column, table.columns)
        listed = ", ".join(f"`{name}`" for name in table.columns[:20])
        notes = (f"did you mean `{better}`?",) if better else (f"it has {listed}",)
        if len(table.columns) == 1 and (mark := next((m for m in ";\t" if m in table.columns[0]), None)):
            named = "tabs" if mark == "\t" else f"`{mark}`"
            notes = (f"its columns are divided by {named}; tables have commas between them",)
        context.report.add("TAP703", f"{table.file.name} has no column `{column}`", place, notes=notes)
    return not missing


def _enough(context: Context, wanted: Columns, levels: tuple[tuple[str, Place], ...], place: Place, axis: Axis) -> bool:
    if levels or wanted.id is not None or wanted.name is not None:
        return True
    needed = (
        "`columns { id …, parent … }` or `levels [ … ]`" if axis == "taxonomy" else "`columns { name … }`"
    )  # fmt: skip
    context.report.add("TAP708", f"this table needs {needed}", place)
    return False


def _by_identity(reader: RowReader, wanted: Columns, axis: Axis) -> list[TreeNode]:
    nodes: dict[str, TreeNode] = {}
    for row in reader.table.rows:
        identity = reader.cell(row, wanted.id or wanted.name)
        if identity is None:
            continue
        first = nodes.get(identity)
        if first is not None:
            reader.wrong("TAP705", row, f"`{identity}` is in row {first.row.number} too")
            continue
        node = reader.node(row, identity)
        if node is not None:
            nodes[identity] = node
    if axis == "mix" or wanted.parent is None:
        return _named_once(reader, list(nodes.values()))
    roots: list[TreeNode] = []
    for node in nodes.values():
        above = node.row.text(wanted.parent[0]) or ""
        if not above:
            roots.append(node)
        elif above in nodes:
            nodes[above].children.append(node)
        else:
            better = did_you_mean(above, nodes) if len(nodes) < 5_000 else None
            notes = (f"did you mean `{better}`?",) if better else ()
            reader.wrong("TAP706", node.row, f"its parent `{above}` is not in the table", notes)
    return _rooted(reader, roots, nodes)


def _rooted(reader: RowReader, roots: list[TreeNode], nodes: dict[str, TreeNode]) -> list[TreeNode]:
    """Check that the tree is one: names differ among siblings, no circles, not too deep."""
    seen: set[str] = set()
    level, depth = _named_once(reader, roots), 1
    while level:
        if depth > MAX_DEPTH:
            reader.context.too_large(f"more than {MAX_DEPTH} levels in {reader.table.file.name}", reader.place)
            return []
        seen.update(node.identity for node in level)
        below: list[TreeNode] = []
        for node in level:
            node.children[:] = _named_once(reader, node.children)
            below.extend(node.children)
        level, depth = below, depth + 1
    if reader.failed:
        return roots
    for identity, node in nodes.items():
        if identity not in seen:
            reader.wrong("TAP707", node.row, f"`{identity}` leads back to itself through its parents")
            break
    return roots


def _by_levels(reader: RowReader, levels: tuple[tuple[str, Place], ...]) -> list[TreeNode]:
    found: dict[tuple[str, ...], TreeNode] = {}
    roots: list[TreeNode] = []
    implied: set[tuple[str, ...]] = set()

    def add(key: tuple[str, ...], node: TreeNode) -> None:
        found[key] = node
        (found[key[:-1]].children if len(key) > 1 else roots).append(node)

    for row in reader.table.rows:
        names = _level_names(reader, row, levels)
        if not names:
            continue
        key = tuple(names)
        if key in found and key not in implied:
            reader.wrong("TAP705", row, f"`{' > '.join(names)}` is in row {found[key].row.number} too")
            continue
        node = reader.node(row, names[-1])
        if node is None or not reader.context.spend(reader.place, len(names) - 1):
            continue
        if key in implied:  # rows below it came first
            implied.discard(key)
            found[key].draft = node.draft
            continue
        for depth in range(1, len(key)):
            if key[:depth] not in found:
                implied.add(key[:depth])
                add(key[:depth], TreeNode(key[depth - 1], row, NodeDraft(key[depth - 1], reader.place)))
        add(key, node)
    return roots


def _level_names(reader: RowReader, row: Row, levels: tuple[tuple[str, Place], ...]) -> list[str]:
    """Names from the root down, as far as they go; empty after a finding."""
    path = [row.text(column) for column, _ in levels]
    names = [part for part in path if part]
    if None in path or not path[0]:
        column = levels[path.index(None) if None in path else 0][0]
        reader.wrong("TAP704", row, f"no text in `{column}`")
        return []
    if any(path[len(names) :]):
        reader.wrong("TAP704", row, "a level is empty between two that are not")
        return []
    return names


def _named_once(reader: RowReader, siblings: list[TreeNode]) -> list[TreeNode]:
    seen: dict[str, TreeNode] = {}
    for node in siblings:
        first = seen.setdefault(node.draft.name, node)
        if first is not node:
            reader.wrong("TAP705", node.row, f"a sibling in row {first.row.number} is named `{node.draft.name}` too")
    return list(seen.values())


def _draft(node: TreeNode) -> NodeDraft:
    """The tree as drafts; no deeper than `MAX_DEPTH`."""
    return node.closed(tuple(_draft(child) for child in node.children))
