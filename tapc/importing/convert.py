"""Chooses the reader by the ending of a name, and tells refusals as findings."""

from collections.abc import Callable, Mapping

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.importing import instructlab, nested, tabular
from tapc.importing.model import Node, Refusal
from tapc.importing.render import render
from tapc.semantics.tables import TableProblem, read_table


class Imported(msgspec.Struct, frozen=True):
    """A module's text, or why there is none."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


def convert_file(file: str, data: bytes, name: str, columns: tabular.Columns) -> Imported:
    """Convert a CSV, JSON, JSONL or YAML file; `file` is its name, `name` the taxonomy's."""
    return _told(lambda: _read(file, data, columns), name, file)


def convert_folder(folder: str, files: Mapping[tuple[str, ...], bytes], name: str) -> Imported:
    """Convert InstructLab's taxonomy; `files` as in `instructlab.tree_of`."""
    return _told(lambda: instructlab.tree_of(files), name, folder)


def _told(read: Callable[[], tuple[Node, ...]], name: str, origin: str) -> Imported:
    try:
        text, found = render(name, read(), origin)
    except Refusal as refusal:
        return Imported(None, (refusal.diagnostic,))
    return Imported(text, tuple(found))


def _read(file: str, data: bytes, columns: tabular.Columns) -> tuple[Node, ...]:
    ending = file.rpartition(".")[2].lower()
    if ending in ("csv", "jsonl", "ndjson"):
        table = read_table(data, file)
        if isinstance(table, TableProblem):
            raise Refusal("TAP720", table.message, table.note or "correct the file")
        return tabular.tree_of(table, columns)
    if ending == "json":
        try:
            return nested.tree_of(msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf")), file)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal("TAP720", f"{file}: not JSON: {error}", "correct the file") from None
    if ending in ("yaml", "yml"):
        from tapc.importing.safe_yaml import read_yaml  # noqa: PLC0415 - the one format that needs a library

        return nested.tree_of(read_yaml(data, file), file)
    note = "give a .csv, .json, .jsonl or .yaml file, or the folder of an InstructLab taxonomy"
    raise Refusal("TAP720", f"{file}: unknown format `.{ending}`", note)
