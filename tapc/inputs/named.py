"""Files that a spec names in addition to modules and tables, before any is read."""

import msgspec

from tapc.inputs.axes import Axes
from tapc.ir import Dataset


class NamedFiles(msgspec.Struct, frozen=True):
    """Names as in the spec, relative to its folder.

    Attributes:
        files: files of rows, and words of commands, which may or may not name files.
        globs: globs of benchmark files.
        folders: names that may be datasets on disk.
    """

    files: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def named_files(dataset: Dataset) -> NamedFiles:
    """Everything that `read_resources` may look for."""
    files: dict[str, None] = {}
    globs: dict[str, None] = {}
    folders: dict[str, None] = {}
    for step in dataset.steps:
        rows = step.rows()
        if rows is not None and rows.file is not None:
            files.update(dict.fromkeys(Axes(dataset.space).paths(rows.file)[1]))
        elif rows is not None and rows.hub:
            folders[rows.hub] = None
        files.update(dict.fromkeys(word for command in step.commands() for word in command))
        for check in step.checks():
            if (glob := check.glob()) is not None:
                globs[glob] = None
            files.update(dict.fromkeys(word for command in check.commands() for word in command))
    return NamedFiles(tuple(files), tuple(globs), tuple(folders))


def literal_part(pattern: str) -> str:
    """The folders of a glob before its first wildcard."""
    kept: list[str] = []
    for part in pattern.split("/")[:-1]:
        if any(mark in part for mark in "*?["):
            break
        kept.append(part)
    return "/".join(kept)
