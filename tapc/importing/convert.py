"""Chooses the reader by the extension of a file name, and reports refusals as findings."""

from collections.abc import Callable, Mapping

import msgspec

from tapc.diagnostics import Diagnostic, rule
from tapc.importing import instructlab, nested, tabular
from tapc.importing.model import Node, Refusal
from tapc.importing.render import render
from tapc.importing.weights import weights_apart
from tapc.semantics.tables import Table, TableProblem, read_table
from tapc.source import repeated_key


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
