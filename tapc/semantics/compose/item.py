"""Statements after composition: a tree whose parts may come from different files."""

from collections.abc import Mapping

import msgspec

from tapc.semantics.modules import LoadedModule
from tapc.semantics.report import Place, Report
from tapc.source import SourceFile
from tapc.syntax.nodes import Block, Entry, Exclude, Import, List, Node, Param, Path, Quoted, Text, Value, When

MAX_FOLLOWED = 32
"""Params that stand for params; a longer chain is a loop."""


class Scope(msgspec.Struct, frozen=True, eq=False):
    """Where names in a statement are looked up: its module, and the arguments of its pipeline."""

    module: LoadedModule
    arguments: Mapping[str, "Arg"] = {}

    @property
    def file(self) -> SourceFile:
        """The file of the module."""
        return self.module.file


class Arg(msgspec.Struct, frozen=True, eq=False):
    """A value and the scope its names belong to."""

    value: Value
    scope: Scope

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return Place(self.scope.file, self.value.span)

    @property
    def word(self) -> str | None:
        """The value as a single unquoted name, before any param is followed."""
        value = self.value
        if isinstance(value, Path) and len(value.parts) == 1 and not isinstance(value.parts[0], Quoted):
            return value.parts[0].text
        return None

    def bound(self) -> "Arg | None":
        """What a pipeline's argument or a param says the name stands for; None where it is neither."""
        if self.word is None:
            return None
        given = self.scope.arguments.get(self.word)
        if given is not None:
            return given
        param = self.scope.module.params.get(self.word)
        return None if param is None else Arg(param.default, Scope(self.scope.module))

    def follow(self) -> "Arg":
        """The value behind arguments and params."""
        arg = self
        for _ in range(MAX_FOLLOWED):
            behind = arg.bound()
            if behind is None or behind.value is arg.value:
                return arg
            arg = behind
        return arg

    def spread(self) -> "list[Arg]":
        """The items of a list, lists inside it flattened, or the value alone; params are followed."""
        arg = self.follow()
        if not isinstance(arg.value, List):
            return [arg]
        return [part for item in arg.value.items for part in Arg(item, arg.scope).spread_item()]

    def spread_item(self) -> "list[Arg]":
        """A list's item: a param among them may stand for a list, a list written inside a list may not."""
        return [self] if isinstance(self.value, List) else self.spread()


class Item(msgspec.Struct, frozen=True, eq=False):
    """A statement after composition.

    Attributes:
        entry: its head and values, as written.
        scope: where they are looked up.
        children: statements of its block, each with a scope of its own; None without a block.
        definition: behind the colon.
    """

    entry: Entry
    scope: Scope
    children: "tuple[Item, ...] | None"
    definition: Arg | None

    @property
    def head(self) -> str:
        """Its first word."""
        return self.entry.head.text

    @property
    def args(self) -> list[Arg]:
        """Its values."""
        return [Arg(value, self.scope) for value in self.entry.values]

    @property
    def name(self) -> str:
        """The name it declares: its first value; empty where there is none."""
        first = self.entry.values[0] if self.entry.values else None
        if isinstance(first, Path | Quoted | Text):
            return first.text
        return ""

    @property
    def place(self) -> Place:
        """The whole statement."""
        return self.at(self.entry)

    @property
    def head_place(self) -> Place:
        """Its head."""
        return self.at(self.entry.head)

    @property
    def name_place(self) -> Place:
        """The name it declares, or its head."""
        return self.at(self.entry.values[0]) if self.entry.values else self.head_place

    def at(self, node: Node) -> Place:
        """Where one of its own nodes stands."""
        return Place(self.scope.file, node.span)


def lift(entry: Entry, scope: Scope, report: Report) -> Item:
    """Turn a syntax tree into items; statements that cannot stand inside another are reported."""
    children = None if entry.block is None else lift_block(entry.block, scope, report)
    definition = None if entry.definition is None else Arg(entry.definition, scope)
    if definition is None and entry.doc is not None and entry.keyword in ("rubric", "aspect"):
        definition = Arg(Quoted(entry.doc.span, entry.doc.text), scope)
    return Item(entry, scope, children, definition)


def lift_block(block: Block, scope: Scope, report: Report) -> tuple[Item, ...]:
    """The statements of a block."""
    found: list[Item] = []
    for statement in block.statements:
        if isinstance(statement, Entry):
            found.append(lift(statement, scope, report))
        else:
            misplaced(statement, scope, report)
    return tuple(found)


def misplaced(statement: Import | Param | When | Exclude, scope: Scope, report: Report) -> None:
    """Report one of the special statements where it cannot stand."""
    word = type(statement).__name__.lower()
    home = "at the top of a file" if isinstance(statement, Import | Param) else "directly inside a dataset"
    report.add("TAP103", f"`{word}` can only be used {home}", Place(scope.file, statement.span))
