"""Reads lock files, which may have been edited or merged."""

import re
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.diagnostics import Diagnostic, Label, rule
from tapc.ir import MAX_SAMPLES
from tapc.plan.lock.late import DivisionsReader
from tapc.plan.lock.names import ABSENT, BLANK, DamageError, unescape
from tapc.plan.lock.sides import CONFLICT, differing_headers, find_sides
from tapc.plan.lock.writing import SCHEMA
from tapc.quota import Events, Lock, Mark
from tapc.source import SourceFile, Span

_FIRST = "tapc.lock/1"
"""The earlier format, in which a cell has one number."""

_Name = TypeVar("_Name", str, tuple[str, ...])

_COUNT = re.compile(r"[1-9][0-9]{0,9}\Z")
_HASH = re.compile(r"[0-9a-f]{8,128}\Z")
_LATER = re.compile(r"tapc\.lock/[0-9]+\Z")
"""The first line of a lock of another version."""

_CHANGE = re.compile(r"([+-]?)([1-9][0-9]{0,9})(?:@([1-9][0-9]{0,8}))?")


def read_lock(file: SourceFile) -> Lock | Diagnostic:
    """Read a lock file, which may have been edited; the first invalid line is reported."""
    reader = _Reader()
    number = 0
    try:
        for number, line in enumerate(file.text.split("\n"), 1):
            reader.line(number, line.removesuffix("\r"))
        return reader.lock()
    except DamageError as damage:
        start = file.line_starts[min(number, len(file.line_starts)) - 1]
        text = file.line(min(number, len(file.line_starts)))
        place = (Label(file, Span(start, start + len(text))),)
        if CONFLICT.match(text):
            return _conflict(file, place)
        code = "TAP812" if number == 1 else "TAP811"
        note = "delete it, or take an earlier version from git; then `tapc plan --lock` writes it again"
        if number == 1 and _LATER.match(text):
            note = "upgrade tapc: an earlier version would lose what this lock records"
        return Diagnostic(code, rule(code).severity, damage.message, place, (note,))


def _conflict(file: SourceFile, place: tuple[Label, ...]) -> Diagnostic:
    """A conflict of git: either side may be taken, unless the sides count or draw samples by other names."""
    take = f"`git checkout --ours {file.name}`, or --theirs"
    sides = find_sides([line.removesuffix("\r") for line in file.text.split("\n")])
    differing = [] if sides is None else differing_headers(*sides)
    if not differing:
        note = f"take either side ({take}), then run `tapc plan --lock`"
        return Diagnostic(
            "TAP811", rule("TAP811").severity, "git has left both sides of a conflict here", place, (note,)
        )
    told = ", ".join(f"`{ours}` and `{theirs}`" for ours, theirs in differing)
    message = f"the sides of this conflict are locks of different datasets: {told}"
    notes = (
        f"take the side whose samples are to stay ({take}); those of the other side are made again",
        "`tapc plan` shows the requests that each of them costs; then run `tapc plan --lock`",
    )
    if all(ours.startswith("tapc.lock/") for ours, _ in differing):
        notes = (f"take the side that begins with `{SCHEMA}` ({take}), then run `tapc plan --lock`",)
    return Diagnostic("TAP816", rule("TAP816").severity, message, place, notes)


class _Header(msgspec.Struct):
    """The lines before the first leaf."""

    samples: int | None = None
    taxonomy: str | None = None
    mixes: tuple[str, ...] | None = None
    identity: tuple[str, ...] | None = None
    joined: list[tuple[str, int]] = msgspec.field(default_factory=list[tuple[str, int]])
    late: tuple[str, ...] | None = None
    marks: list[Mark] = msgspec.field(default_factory=list[Mark])
    imports: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    prices: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class _Reader:
    """Reads and checks one line after another."""

    def __init__(self) -> None:
        self._header = _Header()
        self._first_format = False
        self._leaves: dict[tuple[str, ...], None] = {}
        self._values: list[dict[str, int]] = []
        self._leaf: list[int] = []
        self._rows: list[tuple[int, ...]] = []
        self._events: list[tuple[int, int, int]] = []  # cell, plan, change
        self._cells: dict[str, tuple[int, int]] = {}  # of the latest leaf: number and samples
        self._late = DivisionsReader(())

    def line(self, number: int, text: str) -> None:
        if CONFLICT.match(text):
            raise DamageError("git has left both sides of a conflict here")
        if number == 1:
            if text not in (SCHEMA, _FIRST):
                raise DamageError(f"this is not a lock of this version: the first line should be `{SCHEMA}`")
            self._first_format = text == _FIRST
            return
        if not text:
            return
        word, *rest = text.split(" ")
        if word == "leaf":
            self._read_leaf(rest)
        elif word == "late" and self._leaves:
            self._read_late(rest)
        elif self._leaves:
            raise DamageError(f"`{word}` after the first leaf")
        else:
            self._read_header(word, rest)

    def _read_header(self, word: str, rest: list[str]) -> None:
        header = self._header
        if word == "samples" and len(rest) == 1 and header.samples is None:
            header.samples = 0 if rest[0] == "0" else _count(rest[0])
        elif word == "taxonomy" and len(rest) == 1 and header.taxonomy is None:
            header.taxonomy = unescape(rest[0])
        elif word == "mixes" and rest and header.mixes is None:
            header.mixes = _names(word, rest)
            self._values = [{} for _ in rest]
        elif word == "identity" and header.identity is None and not self._first_format:
            self._read_identity(rest)
        elif word == "late" and rest and header.late is None and not self._first_format:
            header.late = _names(word, rest)
            self._late = DivisionsReader(header.late)
        elif word == "plan" and all(map(_HASH.match, rest[1:])) and not self._first_format:
            self._read_mark(*rest)
        elif word in {"import", "price"} and len(rest) == 2 and _HASH.match(rest[1]):
            table = header.imports if word == "import" else header.prices
            name = unescape(rest[0], BLANK)
            if name in table:
                raise DamageError(f"{word} {name} is recorded twice")
            table[name] = rest[1]
        else:
            raise DamageError(f"`{word}` is not allowed here")

    def _read_identity(self, rest: list[str]) -> None:
        names: list[str] = []
        for text in rest:
            name, colon, plan = text.partition(":")
            names.append(name)
            if colon:
                self._header.joined.append((unescape(name), _count(plan)))
        self._header.identity = _names("identity", names)

    def _read_mark(self, digits: str = "", mark: str = "", base: str = "", *more: str) -> None:
        if not mark or more:
            raise DamageError("a plan has a number, and one or two hashes")
        plan = 0 if digits == "0" else _count(digits)
        if self._header.marks and plan < self._header.marks[-1].plan:
            raise DamageError("plans are not in order")
        self._header.marks.append(Mark(plan, mark, base or mark))

    def _read_leaf(self, rest: list[str]) -> None:
        if len(rest) < 3:
            raise DamageError("a leaf needs a path, a total and at least one cell")
        path = () if rest[0] == "." else tuple(self._unescape(part) for part in rest[0].split("."))
        if bool(path) != bool(self._header.taxonomy):
            raise DamageError(f"leaf {rest[0]} does not fit the taxonomy")
        if path in self._leaves:
            raise DamageError(f"leaf {rest[0]} is recorded twice")
        leaf = len(self._leaves)
        self._leaves[path] = None
        self._cells.clear()
        total, seen = 0, set[tuple[int, ...]]()
        for cell in rest[2:]:
            names, colon, history = cell.partition(":")
            if not colon:
                raise DamageError(f"`{cell}` is not a cell")
            row = self._row(names)
            if row in seen:
                raise DamageError(f"`{names}` is recorded twice")
            seen.add(row)
            count = self._read_history(history)
            total += count
            self._cells[names] = len(self._leaf), count
            self._leaf.append(leaf)
            self._rows.append(row)
        if total != (0 if rest[1] == "0" and not self._first_format else _count(rest[1])):
            raise DamageError(f"the cells of leaf {rest[0]} add up to {total}, not {rest[1]}")

    def _read_late(self, rest: list[str]) -> None:
        """Read how late mixes divide cells of the leaf on the line before."""
        last = next(reversed(self._leaves))
        if not rest or (() if rest[0] == "." else tuple(self._unescape(part) for part in rest[0].split("."))) != last:
            raise DamageError("late mixes divide the cells of the leaf on the line before")
        for text in rest[1:]:
            names, colon, versions = text.partition(":")
            cell, count = self._cells.pop(names, (-1, 0))
            if not colon or cell < 0:
                raise DamageError(f"`{text}` divides no cell of this leaf, or one again")
            divided = self._late.read(cell, versions)
            if divided is not None and count and divided != count:
                raise DamageError(f"late mixes divide {divided} samples of `{names}`, which has {count}")

    def _read_history(self, text: str) -> int:
        """Read the counts of the next cell, and return the last."""
        cell = len(self._leaf)
        if self._first_format or text.isdecimal():
            count = _count(text)
            self._events.append((cell, 1, count))
            return count
        count = plan = at = 0
        while at < len(text):
            found = _CHANGE.match(text, at)
            if found is None or bool(found[1]) != bool(at):
                raise DamageError(f"`{text}` is not a list of counts")
            number = _count(found[3]) if found[3] else plan + 1
            change = -_count(found[2]) if found[1] == "-" else _count(found[2])
            count += change
            if number <= plan or not 0 <= count <= MAX_SAMPLES:
                raise DamageError(f"`{text}` is not a list of counts")
            self._events.append((cell, number, change))
            plan, at = number, found.end()
        if not plan:
            raise DamageError(f"`{text}` is not a list of counts")
        return count

    def _row(self, names: str) -> tuple[int, ...]:
        parts = names.split("/") if names else []
        if len(parts) != len(self._values):
            raise DamageError(f"`{names}` names {len(parts)} values, there are {len(self._values)} mixes")
        row: list[int] = []
        for part, known in zip(parts, self._values, strict=True):
            index = known.get(part)
            if index is None:
                if part == ABSENT and not self._first_format:
                    index = -1
                else:
                    self._unescape(part)
                    index = known[part] = len(known)
            row.append(index)
        return tuple(row)

    def _unescape(self, text: str) -> str:
        return text if text == ABSENT and self._first_format else unescape(text)

    def lock(self) -> Lock:
        header = self._header
        if header.samples is None:
            raise DamageError("the number of samples is not recorded")
        if header.identity is None and not self._first_format:
            raise DamageError("the mixes that samples are drawn by (`identity`) are not recorded")
        events = np.array(self._events, np.int64).reshape(-1, 3)
        total = int(events[:, 2].sum())
        if total != header.samples:
            raise DamageError(f"the leaves add up to {total} samples, not {header.samples}")
        divisions = self._late.divisions(np.arange(len(self._leaf)))
        plans = max(int(events[:, 1].max(initial=0)), 0 if divisions is None else int(divisions.plan.max(initial=0)))
        if header.marks and header.marks[-1].plan > plans:
            raise DamageError(f"there is no plan {header.marks[-1].plan}")
        values = np.array(self._rows, np.int64).reshape(len(self._rows), len(self._values))
        mixes: list[tuple[str, tuple[str, ...]]] = []
        for column, (name, known) in enumerate(zip(header.mixes or (), self._values, strict=True)):
            names, place = _sorted([self._unescape(text) for text in known])
            values[:, column] = np.append(place, -1)[values[:, column]]
            mixes.append((name, names))
        leaves, place = _sorted(list(self._leaves))
        leaf = place[np.array(self._leaf, np.int64)] if len(leaves) else np.zeros(0, np.int64)
        # Cells by leaf and values, and the events of each by plan.
        order = np.lexsort((*reversed(values.T), leaf))
        cell_place = np.empty(len(order), np.int64)
        cell_place[order] = np.arange(len(order))
        cell = cell_place[events[:, 0]] if len(order) else events[:, 0]
        by_cell = np.argsort(cell, kind="stable")
        count = np.zeros(len(order), np.int64)
        np.add.at(count, cell, events[:, 2])
        return Lock(
            samples=header.samples,
            taxonomy=header.taxonomy or "",
            leaves=leaves,
            mixes=tuple(mixes),
            identity=tuple(name for name, _ in mixes) if header.identity is None else header.identity,
            leaf=leaf[order],
            values=values[order],
            count=count,
            events=Events(cell[by_cell], events[by_cell, 1], events[by_cell, 2]),
            marks=tuple(header.marks),
            imports=tuple(sorted(header.imports.items())),
            prices=tuple(sorted(header.prices.items())),
            joined=tuple(sorted(header.joined)),
            divisions=self._late.divisions(cell_place) if len(order) else None,
        )


def _sorted(names: list[_Name]) -> tuple[tuple[_Name, ...], npt.NDArray[np.int64]]:
    """Names in order, and the place of each."""
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    return tuple(names[n] for n in order), place


def _names(word: str, texts: list[str]) -> tuple[str, ...]:
    names = tuple(unescape(text) for text in texts)
    if list(names) != sorted(set(names)):
        raise DamageError(f"{word}: the mixes are not in order, or named twice")
    return names


def _count(digits: str) -> int:
    if not _COUNT.match(digits) or int(digits) > MAX_SAMPLES:
        raise DamageError(f"`{digits}` is not a count")
    return int(digits)
