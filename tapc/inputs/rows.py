"""Reads the rows of one input step."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tapc.inputs.content import row_reader, value_at
from tapc.inputs.formats import Numbered, read_rows
from tapc.inputs.hub import read_hub
from tapc.inputs.places import Axes
from tapc.inputs.table import RowTable
from tapc.inputs.troubles import InputError
from tapc.ir import Input, Space
from tapc.steps import InputRow, unsafe

_SHOWN = 3


class _Source(msgspec.Struct, frozen=True):
    """A file or a split, with the combinations of path values that lead to it."""

    name: str
    rows: Iterator[Numbered]
    combinations: list[tuple[str, ...]]


class _Reading:
    """One input on its way into a table."""

    def __init__(self, step: Input, space: Space, folder: Path, *, offline: bool) -> None:
        self._step = step
        self._axes = Axes(space)
        self._folder = folder
        self._offline = offline
        self._notes: list[str] = []
        self.files: list[Path] = []

    def table(self) -> RowTable:
        path_axes, sources = self._sources()
        match = dict(self._step.match)
        axes = tuple(sorted({*path_axes, *match}))
        table = RowTable(self._step.name, axes)
        content = row_reader(self._step)
        pools: dict[tuple[int, tuple[str, ...]], int] = {}
        strangers: dict[str, Counter[str]] = {axis: Counter() for axis in match}
        empty = unsafe_rows = 0
        for number, source in enumerate(sources):
            for line, row in source.rows:
                where = f"{source.name}, row {line}"
                values: list[str] = []
                for axis, column in match.items():
                    label = str(value_at(row, column, where))
                    value = self._axes.value(axis, label)
                    if value is None:
                        strangers[axis][label[:40]] += 1
                        break
                    values.append(value)
                else:
                    made = content(row, where)
                    if made is None:
                        empty += 1
                    elif _unsafe(made):
                        unsafe_rows += 1
                    else:
                        table.add(made, pools.setdefault((number, tuple(values)), len(pools)))
        if empty:
            self._notes.append(_rows(empty, "has no text", "have no text"))
        if unsafe_rows:
            marks = "marks of chat templates or broken characters"
            self._notes.append(_rows(unsafe_rows, f"holds {marks}", f"hold {marks}"))
        table.lost = tuple(self._notes)
        self._explain(strangers)
        table.seal(self._names(axes, path_axes, sources, pools), len(pools), tuple(self._notes))
        return table

    def _sources(self) -> tuple[tuple[str, ...], list[_Source]]:
        step = self._step
        if step.file is None:
            name = step.hub or ""
            rows = read_hub(name, step.revision, step.split or "train", self._folder, offline=self._offline)
            return (), [_Source(name, rows, [()])]
        axes, paths = self._axes.paths(step.file)
        found: list[_Source] = []
        missing: list[str] = []
        for path, combinations in paths.items():
            place = self._folder / path
            if place.exists():
                self.files.append(place)
                found.append(_Source(path, read_rows(place), combinations))
            else:
                missing.append(path)
        if missing and not found:
            advice = "paths are relative to the spec"
            others = f" nor any of {len(missing) - 1:,} others" if len(missing) > 1 else ""
            raise InputError("TAP709", f"{missing[0]} does not exist{others}", advice)
        self._notes += [f"{path} does not exist" for path in missing[:_SHOWN]]
        return axes, found

    def _explain(self, strangers: dict[str, Counter[str]]) -> None:
        for axis, labels in strangers.items():
            if labels:
                shown = ", ".join(
                    repr(label) for label, _ in sorted(labels.items(), key=lambda x: (-x[1], x[0]))[:_SHOWN]
                )
                what = f"to no value of `{axis}`, such as {shown}"
                self._notes.append(_rows(labels.total(), f"belongs {what}", f"belong {what}"))

    def _names(
        self,
        axes: tuple[str, ...],
        path_axes: tuple[str, ...],
        sources: list[_Source],
        pools: dict[tuple[int, tuple[str, ...]], int],
    ) -> dict[tuple[str, ...], int]:
        """Which combination of values draws from which pool; an axis that names file and row must agree."""
        matched = tuple(axis for axis, _ in self._step.match)
        found: dict[tuple[str, ...], int] = {}
        for (number, values), pool in pools.items():
            for combination in sources[number].combinations:
                own = dict(zip(matched, values, strict=True))
                if all(own.get(axis, value) == value for axis, value in zip(path_axes, combination, strict=True)):
                    own |= dict(zip(path_axes, combination, strict=True))
                    found[tuple(own[axis] for axis in axes)] = pool
        return found


def _rows(count: int, one: str, several: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {several}"


def _unsafe(row: InputRow) -> bool:
    """Whether a row may not enter a prompt; see `tapc.steps.unsafe`."""
    return any(unsafe(text) is not None for text in (row.text, *(turn.content for turn in row.messages)))


def read_input(step: Input, space: Space, folder: Path, *, offline: bool) -> tuple[RowTable, list[Path]]:
    """Read all rows of an input; returns them and the files they come from.

    Raises:
        InputError: a file, or one of its rows, cannot be used.
    """
    reading = _Reading(step, space, folder, offline=offline)
    return reading.table(), reading.files
