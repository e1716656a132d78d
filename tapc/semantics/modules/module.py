"""A module: what a file declares and what it imports."""

from pathlib import Path as FilePath

import msgspec

from tapc.diagnostics import Allow
from tapc.semantics.report import Place
from tapc.source import SourceFile
from tapc.syntax.nodes import Entry, Import, Module, Node, Param

DECLARING = ("taxonomy", "mix", "endpoint", "rubric", "pipeline", "dataset")
"""Heads of entries that declare a name at the top level of a file."""


class Binding(msgspec.Struct, frozen=True, eq=False):
    """What an import binds a name to.

    Attributes:
        name: the bound name.
        module: the module; None where it could not be read (reported already).
        declaration: name of the one declaration it stands for; None for the module as a whole.
        node: the import statement.
    """

    name: str
    module: "LoadedModule | None"
    declaration: str | None
    node: Import


class LoadedModule(msgspec.Struct, frozen=True, eq=False):
    """A parsed file with its names bound.

    Attributes:
        path: where the loader read it.
        node: its syntax tree.
        declarations: entries that declare a name, the first of each name.
        params: by name, the first of each name; defaults replaced by what `--set` says.
        imports: by bound name.
        allows: warnings that the file has on purpose.
    """

    path: FilePath
    node: Module
    declarations: dict[str, Entry]
    params: dict[str, Param]
    imports: dict[str, Binding]
    allows: tuple[Allow, ...] = ()

    @property
    def file(self) -> SourceFile:
        """The text."""
        return self.node.file

    def place(self, node: Node) -> Place:
        """Where one of its nodes stands."""
        return Place(self.file, node.span)
