"""What composition hands to the lowering of the sample space.

`tapc.semantics.space.lower_space(given: SpaceInput) -> Space` reads it, reports into `given.report`, and never raises.
"""

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Literal

import msgspec

from tapc.semantics.report import Place, Placed, Report
from tapc.source import Loader, SourceFile
from tapc.syntax.nodes import Entry, Exclude, Name, Path, Quoted, Value, When

Axis = Literal["taxonomy", "mix"]


class SpaceStatement(msgspec.Struct, frozen=True):
    """A `taxonomy`, `mix`, `moved` (entries), `when` or `exclude` of a dataset, and its file.

    An entry is as written: `taxonomy topic = med.clinical { except [x] }` arrives with its graft unresolved.

    Attributes:
        inherited: whether a dataset that this one extends has it.
    """

    file: SourceFile
    statement: Entry | When | Exclude
    inherited: bool = False

    def place(self) -> Place:
        """The whole statement."""
        return Place(self.file, self.statement.span)


class Declaration(msgspec.Struct, frozen=True):
    """What a path of names leads to.

    Attributes:
        placed: the declaration, in the file that holds it; its own grafts and params resolve from that file.
        rest: parts of the path after the declaration's name (`med.clinical.cardiology`): a node inside a taxonomy,
            empty in most cases.
    """

    placed: Placed
    rest: tuple[Name | Quoted, ...] = ()


class Bound(msgspec.Struct, frozen=True):
    """A value that a param stands for, and where it was written (an override keeps the place of the default)."""

    value: Value
    place: Place


class SpaceInput(msgspec.Struct, frozen=True):
    """One dataset's space statements and the means to resolve what they name.

    Attributes:
        dataset: name and place of the dataset, for findings that concern it as a whole.
        samples: target count, or None (`all`, or unreadable and reported already).
        statements: composed, in source order; at most one taxonomy, mixes unique by name (clashes are reported before).
        resolve: declaration of the wanted kind that a path in a file names. It reports what is wrong
            (unknown, not declared, wrong kind) by itself and then returns None. Circular grafts are the caller's to
            catch.
        parameter: value of the param that a path in a file names; None (and no finding) if there is none.
        folder: where relative paths in a file start (tables).
        loader: reads tables; remembers what was read.
        report: takes findings and origins.
    """

    dataset: str
    place: Place
    samples: int | None
    statements: tuple[SpaceStatement, ...]
    resolve: Callable[[SourceFile, Path, Axis], Declaration | None]
    parameter: Callable[[SourceFile, Path], Bound | None]
    folder: Callable[[SourceFile], FilePath]
    loader: Loader
    report: Report
