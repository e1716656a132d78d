"""Reads the rows of one input step."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.inputs.axes import Axes
from tapc.inputs.bad import Bad, BadRows
from tapc.inputs.columns import Presence, Reader, Row, column_reader
from tapc.inputs.content import USUAL, content_reader, usual_name
from tapc.inputs.errors import InputError
from tapc.inputs.formats import RowFile
from tapc.inputs.hub import HubRows
from tapc.inputs.labels import Labels, UnmatchedLabels
from tapc.inputs.opening import Folder
from tapc.inputs.table import RowTable
from tapc.ir import IdentityNames, RowFiles, Space
from tapc.steps import InputRow

_SHOWN = 3
_KEPT = 50_000
"""Most cached pools."""


class _Source(msgspec.Struct, frozen=True):
    """A file or a split, with the combinations of path values that lead to it."""

    rows: RowFile | HubRows
    combinations: list[tuple[str, ...]]


class _Reading:
    """The state of reading one input into a table.

    Attributes:
        files: files that were read.
        guesses: how files were read, if that differs from their names.
    """

    def __init__(self, step: RowFiles, space: Space, folder: Folder, *, offline: bool) -> None:
        self._step = step
        self._space = space
        self._axes = Axes(space)
        self._folder = folder
        self._offline = offline
        self._notes: list[str] = []
        self._bad = BadRows()
        self._total = 0
        self._match: list[tuple[str, Reader, Labels, UnmatchedLabels]] = [
            (axis, column_reader(column), self._axes.labels[axis], UnmatchedLabels(axis, self._axes.labels[axis]))
            for axis, column in step.match
        ]
        self.files: list[Path] = []
        self.guesses: list[str] = []

    def table(self) -> RowTable:
        path_axes, sources = self._sources()
        axes = tuple(sorted({*path_axes, *dict(self._step.match)}))
        table = RowTable(self._step.name, axes)
        pools: dict[tuple[int, tuple[str, ...]], int] = {}
        presences = [self._read(number, source, table, pools) for number, source in enumerate(sources)]
        self._see_columns(sources, presences)
        for source in sources:
            self.guesses += source.rows.guesses()
        self._bad.check(self._name(sources), self._total)
        slips = [note for *_, unmatched in self._match for note in unmatched.slips()]
        self._notes += self._bad.notes()
        table.lost = (*self._notes, *slips)
        self._notes += [note for *_, unmatched in self._match for note in unmatched.notes()]
        pool_of = self._names(axes, path_axes, sources, pools)
        table.seal(pool_of, len(pools), tuple(self._notes), IdentityNames(self._space))
        return table

    def _read(
        self, number: int, source: _Source, table: RowTable, pools: dict[tuple[int, tuple[str, ...]], int]
    ) -> Presence:
        """Put the rows of one source into the table; returns which columns it has."""
        step, match = self._step, self._match
        presence = Presence(
            [*(c for _, c in step.columns), *(c for _, c in step.match), *((step.field,) if step.field else ())]
        )
        content: Callable[[Row], InputRow | Bad] | None = content_reader(step, step.field) if step.field else None
        count, where = 0, f"{source.rows.name}, {source.rows.place}"
        pool_of: dict[object, int] = {}
        single = match[0][1] if len(match) == 1 else None
        for line, row in source.rows:
            count += 1
            if row.__class__ is Bad:
                self._bad.add(f"{where} {line}", cast("Bad", row))
                continue
            row = cast("Row", row)
            if presence.missing or not presence.known:
                presence.see(row)
            if content is None:
                content = content_reader(step, self._usual(row, source))
            label = single(row) if single is not None else None
            pool = pool_of.get(label) if label.__class__ is str else None
            values: tuple[str, ...] | None = () if pool is not None or not match else self._values(row)
            if values is None:
                continue
            made = content(row)
            if made.__class__ is Bad:
                self._bad.add(f"{where} {line}", cast("Bad", made))
                continue
            if pool is None:
                pool = pools.setdefault((number, values), len(pools))
                if label.__class__ is str and len(pool_of) < _KEPT:
                    pool_of[label] = pool
            table.add(cast("InputRow", made), pool)
        self._total += count
        return presence

    def _values(self, row: Row) -> tuple[str, ...] | None:
        """The values of the matched axes to which a row belongs; None, after counting it, if it belongs to none."""
        values: list[str] = []
        for _, read, labels, unmatched in self._match:
            label = read(row)
            value = labels.value(label)
            if value is None:
                unmatched.add(label)
                return None
            values.append(value)
        return tuple(values)

    def _usual(self, row: Row, source: _Source) -> str:
        """The text column of a file if the spec names none, decided by its first row."""
        name = usual_name(row)
        if name is None:
            advice = f"say which: `field {next(iter(row), None) or 'text'}`"
            hints = source.rows.hints()
            told = f"{source.rows.name}: no column has one of the usual names ({', '.join(USUAL)})"
            raise InputError("TAP710", told, advice, *hints)
        others = [other for other in USUAL if other in row and other != name]
        if others:
            rest = " and ".join(f"`{other}`" for other in others)
            self.guesses.append(f"{source.rows.name} has {rest} besides `{name}`, which is used: write `field {name}`")
        return name

    def _see_columns(self, sources: list[_Source], presences: list[Presence]) -> None:
        """Check that the files have the columns that the spec names.

        Raises:
            InputError: a column is in no row of a file, and not optional, or in no row of any file.
        """
        step = self._step
        further = {column for _, column in step.columns}
        optional = {column for name, column in step.columns if name in (step.optional or ())}
        read = [(source, presence) for source, presence in zip(sources, presences, strict=True) if presence.known]
        for source, presence in read:
            for column in sorted(presence.missing):
                if column in optional and any(column not in other.missing for _, other in read):
                    continue
                elsewhere = any(column not in other.missing for _, other in read)
                name = next((name for name, other in step.columns if other == column), "")
                near = did_you_mean(column, presence.known)
                advice = f"if some files lack it: `columns {{ {name} {column} optional }}`"
                raise InputError(
                    "TAP710",
                    f"{source.rows.name}: there is no column `{column}`",
                    f"did you mean `{near}`?" if near else presence.listed(),
                    *((advice,) if elsewhere and column in further else ()),
                    *source.rows.hints(),
                )

    def _sources(self) -> tuple[tuple[str, ...], list[_Source]]:
        step = self._step
        if step.file is None:
            rows = HubRows(step.hub or "", step.revision, step.split or "train", self._folder, offline=self._offline)
            return (), [_Source(rows, [()])]
        axes, paths = self._axes.paths(step.file)
        found: list[_Source] = []
        missing: list[str] = []
        for path, combinations in paths.items():
            place = self._folder.find(path)
            if place is None:
                missing.append(path)
            else:
                self.files.append(place)
                found.append(_Source(RowFile(place, path), combinations))
        if missing and not found:
            advice = "paths are relative to the spec"
            others = f" nor any of {len(missing) - 1:,} others" if len(missing) > 1 else ""
            raise InputError("TAP709", f"{missing[0]} does not exist{others}", advice)
        self._notes += [f"{path} does not exist" for path in missing[:_SHOWN]]
        return axes, found

    def _name(self, sources: list[_Source]) -> str:
        return sources[0].rows.name if len(sources) == 1 else f"{len(sources)} files"

    def _names(
        self,
        axes: tuple[str, ...],
        path_axes: tuple[str, ...],
        sources: list[_Source],
        pools: dict[tuple[int, tuple[str, ...]], int],
    ) -> dict[tuple[str, ...], int]:
        """The pool of each combination of values; an axis that is in the path and in the row must agree."""
        matched = tuple(axis for axis, _ in self._step.match)
        found: dict[tuple[str, ...], int] = {}
        for (number, values), pool in pools.items():
            for combination in sources[number].combinations:
                own = dict(zip(matched, values, strict=True))
                if all(own.get(axis, value) == value for axis, value in zip(path_axes, combination, strict=True)):
                    own |= dict(zip(path_axes, combination, strict=True))
                    found[tuple(own[axis] for axis in axes)] = pool
        return found


def read_input(step: RowFiles, space: Space, folder: Folder, *, offline: bool) -> tuple[RowTable, list[Path]]:
    """Read all rows of an input; returns them and their files.

    Raises:
        InputError: a file, or too many of its rows, cannot be used.
    """
    reading = _Reading(step, space, folder, offline=offline)
    table = reading.table()
    table.guesses = tuple(reading.guesses)
    return table, reading.files
