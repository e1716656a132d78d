"""Chooses the reader by the extension of a file name, and reports refusals as findings."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

import msgspec

from tapc.diagnostics import Diagnostic, rule
from tapc.importing import instructlab, nested, tabular
from tapc.importing.model import Node, Refusal
from tapc.importing.render import render
from tapc.semantics.tables import Table, TableProblem, read_table
from tapc.source import repeated_key

_SHOWN = 3


def weights_apart(tree: tuple[Node, ...], origin: str) -> tuple[Diagnostic, ...]:
    """Report branches without weights whose leaves have weights: they get equal shares all the same."""
    for siblings in _families(tree):
        bare = [node for node in siblings if node.children and not node.weight]
        told = [(node, total) for node in bare if (total := _below(node)) is not None]
        if len(told) < 2 or len({total for _, total in told}) == 1:
            continue
        shown = ", ".join(f"`{node.name[:60]}` {_plain(total)}" for node, total in told[:_SHOWN])
        more = f" and {len(told) - _SHOWN:,} more" if len(told) > _SHOWN else ""
        message = f"weights in {origin} count within each branch, and {len(bare):,} branches have none of their own"
        notes = (
            f"they get equal shares, although the weights below them add up to: {shown}{more}",
            "give the branches weights, here or in the module, if their shares should differ",
        )
        return (Diagnostic("TAP724", rule("TAP724").severity, message, (), notes),)
    return ()


def _families(siblings: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    pending = [siblings]
    while pending:
        at = pending.pop()
        yield at
        pending.extend(node.children for node in at if node.children)


def _below(node: Node) -> Fraction | None:
    """The sum of the weights of the leaves below a node; None if no leaf has one."""
    total: Fraction | None = None
    pending = list(node.children)
    while pending:
        at = pending.pop()
        if at.children:
            pending.extend(at.children)
        elif at.weight and not at.weight.endswith("%"):
            total = (total or Fraction(0)) + Fraction(at.weight)
    return total


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.4g}"


class Imported(msgspec.Struct, frozen=True):
    """The text of a module, or the findings that say why there is none."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


def convert_file(file: str, data: bytes, name: str, columns: tabular.Columns) -> Imported:
    """Convert a CSV, JSON, JSONL or YAML file; `file` is its name, `name` the name of the taxonomy."""
    return _told(lambda: _read(file, data, columns), name, file)


def convert_folder(folder: str, files: Mapping[tuple[str, ...], bytes], name: str) -> Imported:
    """Convert the taxonomy of InstructLab; for `files` see `instructlab.tree_of`."""
    return _told(lambda: (instructlab.tree_of(files), ()), name, folder)


def _guessed(table: Table) -> tuple[Diagnostic, ...]:
    """Report the delimiter of a table, if it was guessed."""
    if table.guessed is None:
        return ()
    message = f"{table.file.name} has {_MARKS[table.guessed]} between its cells, and was read that way"
    note = "check the columns that were used: " + ", ".join(f"`{name}`" for name in table.columns[:12])
    return (Diagnostic("TAP718", rule("TAP718").severity, message, (), (note,)),)


_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def _told(read: Callable[[], tuple[tuple[Node, ...], tuple[Diagnostic, ...]]], name: str, origin: str) -> Imported:
    try:
        tree, said = read()
        text, found = render(name, tree, origin)
    except Refusal as refusal:
        return Imported(None, (refusal.diagnostic,))
    return Imported(text, (*said, *weights_apart(tree, origin), *found))


def _read(file: str, data: bytes, columns: tabular.Columns) -> tuple[tuple[Node, ...], tuple[Diagnostic, ...]]:
    ending = file.rpartition(".")[2].lower()
    if ending in ("csv", "tsv", "jsonl", "ndjson"):
        table = read_table(data, file, foreign=True)
        if isinstance(table, TableProblem):
            raise Refusal("TAP720", table.message, table.note or "correct the file")
        return tabular.tree_of(table, columns), _guessed(table)
    if ending == "json":
        text = data.removeprefix(b"\xef\xbb\xbf")
        try:
            value = msgspec.json.decode(text)
            twice = repeated_key(text, value)
            if twice is not None:
                message = f"{file}: the key `{twice[:80]}` appears twice in one object"
                raise Refusal("TAP723", message, "give siblings different names in the source")
            return nested.tree_of(value, file), ()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal("TAP720", f"{file}: not JSON: {error}", "correct the file") from None
    if ending in ("yaml", "yml"):
        from tapc.importing.safe_yaml import read_yaml  # noqa: PLC0415 - the one format that needs a library

        return nested.tree_of(read_yaml(data, file), file), ()
    note = "give a .csv, .tsv, .json, .jsonl or .yaml file, or the folder of an InstructLab taxonomy"
    raise Refusal("TAP720", f"{file}: unknown format `.{ending}`", note)
