"""`SPEC.lock`: the cell counts of a plan as text, one line per leaf.

    tapc.lock/1
    samples 600
    taxonomy topic
    mixes difficulty language
    import std.languages 5f0c…
    price openai 81aa…
    leaf physics.mechanics 20 easy/en:12 easy/zh:8

Sorted, so that a diff shows which leaves changed. In names, white space and every character that the format uses is
written as %XX of its UTF-8 bytes. Without a taxonomy, the root is `.` and `taxonomy` is left out.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

import msgspec
import numpy as np

from tapc.diagnostics import Diagnostic, Label, rule
from tapc.ir import MAX_SAMPLES
from tapc.quota import Allocation, Lock
from tapc.source import SourceFile, Span

SCHEMA = "tapc.lock/1"
"""First line; files with another one are rejected."""

_RESERVED = re.compile(r"[\s%./:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BLANK = re.compile(r"[\s%\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters to escape in paths of modules; dots and slashes have no meaning there."""

_COUNT = re.compile(r"[1-9][0-9]{0,9}\Z")
_HASH = re.compile(r"[0-9a-f]{8,128}\Z")


def lock_of(
    allocation: Allocation, imports: Iterable[tuple[str, str]] = (), prices: Iterable[tuple[str, str]] = ()
) -> Lock:
    """The lock of a plan.

    Args:
        allocation: counts of the plan.
        imports: (name, hex hash) of the modules and data files of the spec.
        prices: (name, hex hash) of the price tables.
    """
    used = np.unique(allocation.leaf)
    return Lock(
        samples=allocation.samples,
        taxonomy=allocation.tree.axis,
        leaves=tuple(allocation.tree.parts[int(allocation.tree.leaves[leaf])] for leaf in used),
        mixes=allocation.mixes,
        leaf=np.searchsorted(used, allocation.leaf).astype(np.int64),
        values=allocation.values,
        count=allocation.count,
        imports=tuple(sorted(imports)),
        prices=tuple(sorted(prices)),
    )


def write_lock(lock: Lock) -> str:
    """The text of a lock file."""
    return "\n".join((*_header(lock), *_leaves(lock), ""))


def _header(lock: Lock) -> Iterator[str]:
    yield SCHEMA
    yield f"samples {lock.samples}"
    if lock.taxonomy:
        yield f"taxonomy {_escape(lock.taxonomy)}"
    if lock.mixes:
        yield " ".join(("mixes", *(_escape(name) for name, _ in lock.mixes)))
    for name, digest in lock.imports:
        yield f"import {_escape(name, _BLANK)} {digest}"
    for name, digest in lock.prices:
        yield f"price {_escape(name, _BLANK)} {digest}"


def _leaves(lock: Lock) -> Iterator[str]:
    names = [[_escape(value) for value in values] for _, values in lock.mixes]
    edges = np.searchsorted(lock.leaf, np.arange(len(lock.leaves) + 1)).tolist()
    for leaf, path in enumerate(lock.leaves):
        low, high = edges[leaf], edges[leaf + 1]
        counts: list[int] = lock.count[low:high].tolist()
        rows: list[list[int]] = lock.values[low:high].tolist()
        cells = (
            "/".join(known[index] for known, index in zip(names, row, strict=True)) + f":{count}"
            for row, count in zip(rows, counts, strict=True)
        )
        dotted = ".".join(_escape(part) for part in path) or "."
        yield " ".join(("leaf", dotted, str(sum(counts)), *cells))


def _escape(name: str, reserved: re.Pattern[str] = _RESERVED) -> str:
    return reserved.sub(lambda m: _percent(m.group()), name) or "%"


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


class _DamageError(Exception):
    """A line that cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def _unescape(text: str, reserved: re.Pattern[str] = _RESERVED) -> str:
    if text == "%":
        return ""
    try:
        name = unquote(text, errors="surrogatepass")
    except UnicodeDecodeError as error:
        raise _DamageError(f"`{text}` is not a name: {error.reason}") from error
    if not name or _escape(name, reserved) != text:
        raise _DamageError(f"`{text}` is not escaped correctly")
    return name


def read_lock(file: SourceFile) -> Lock | Diagnostic:
    """Read a lock file, which may have been edited; the first invalid line is reported."""
    reader = _Reader()
    number = 0
    try:
        for number, line in enumerate(file.text.split("\n"), 1):
            reader.line(number, line.removesuffix("\r"))
        return reader.lock()
    except _DamageError as damage:
        code = "TAP812" if number == 1 else "TAP811"
        start = file.line_starts[min(number, len(file.line_starts)) - 1]
        end = start + len(file.line(min(number, len(file.line_starts))))
        note = "write it again with `tapc plan --lock`; without the file the plan follows from the spec alone"
        return Diagnostic(code, rule(code).severity, damage.message, (Label(file, Span(start, end)),), (note,))


class _Header(msgspec.Struct):
    """The lines before the first leaf."""

    samples: int | None = None
    taxonomy: str | None = None
    mixes: tuple[str, ...] | None = None
    imports: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    prices: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class _Reader:
    """Reads and checks one line after another."""

    def __init__(self) -> None:
        self._header = _Header()
        self._leaves: dict[tuple[str, ...], None] = {}
        self._values: list[dict[str, int]] = []
        self._leaf: list[int] = []
        self._rows: list[tuple[int, ...]] = []
        self._count: list[int] = []

    def line(self, number: int, text: str) -> None:
        if number == 1:
            if text != SCHEMA:
                raise _DamageError(f"this is not a lock of this version: the first line should be `{SCHEMA}`")
            return
        if not text:
            return
        word, *rest = text.split(" ")
        if word == "leaf":
            self._read_leaf(rest)
        elif self._leaves:
            raise _DamageError(f"`{word}` after the first leaf")
        else:
            self._read_header(word, rest)

    def _read_header(self, word: str, rest: list[str]) -> None:
        header = self._header
        if word == "samples" and len(rest) == 1 and header.samples is None:
            header.samples = 0 if rest[0] == "0" else _count(rest[0])
        elif word == "taxonomy" and len(rest) == 1 and header.taxonomy is None:
            header.taxonomy = _unescape(rest[0])
        elif word == "mixes" and rest and header.mixes is None:
            names = tuple(_unescape(name) for name in rest)
            if list(names) != sorted(set(names)):
                raise _DamageError("mixes are not in order, or named twice")
            header.mixes = names
            self._values = [{} for _ in names]
        elif word in {"import", "price"} and len(rest) == 2 and _HASH.match(rest[1]):
            table = header.imports if word == "import" else header.prices
            name = _unescape(rest[0], _BLANK)
            if name in table:
                raise _DamageError(f"{word} {name} is recorded twice")
            table[name] = rest[1]
        else:
            raise _DamageError(f"`{word}` is not allowed here")

    def _read_leaf(self, rest: list[str]) -> None:
        if len(rest) < 3:
            raise _DamageError("a leaf needs a path, a total and at least one cell")
        path = () if rest[0] == "." else tuple(_unescape(part) for part in rest[0].split("."))
        if bool(path) != bool(self._header.taxonomy):
            raise _DamageError(f"leaf {rest[0]} does not fit the taxonomy")
        if path in self._leaves:
            raise _DamageError(f"leaf {rest[0]} is recorded twice")
        leaf = len(self._leaves)
        self._leaves[path] = None
        total, seen = 0, set[tuple[int, ...]]()
        for cell in rest[2:]:
            names, colon, digits = cell.partition(":")
            if not colon:
                raise _DamageError(f"`{cell}` is not a cell")
            row = self._row(names)
            if row in seen:
                raise _DamageError(f"`{names}` is recorded twice")
            seen.add(row)
            count = _count(digits)
            total += count
            self._leaf.append(leaf)
            self._rows.append(row)
            self._count.append(count)
        if total != _count(rest[1]):
            raise _DamageError(f"the cells of leaf {rest[0]} add up to {total}, not {rest[1]}")

    def _row(self, names: str) -> tuple[int, ...]:
        parts = names.split("/") if names else []
        if len(parts) != len(self._values):
            raise _DamageError(f"`{names}` names {len(parts)} values, there are {len(self._values)} mixes")
        row: list[int] = []
        for part, known in zip(parts, self._values, strict=True):
            index = known.get(part)
            if index is None:
                _unescape(part)
                index = known[part] = len(known)
            row.append(index)
        return tuple(row)

    def lock(self) -> Lock:
        header = self._header
        if header.samples is None:
            raise _DamageError("the number of samples is not recorded")
        total = sum(self._count)
        if total != header.samples:
            raise _DamageError(f"the leaves add up to {total} samples, not {header.samples}")
        values = np.array(self._rows, np.int64).reshape(len(self._rows), len(self._values))
        names: list[tuple[str, ...]] = []
        for column, known in enumerate(self._values):
            plain = [_unescape(name) for name in known]
            order = sorted(range(len(plain)), key=lambda n, plain=plain: plain[n])
            place = np.empty(len(plain), np.int64)
            place[order] = np.arange(len(plain))
            values[:, column] = place[values[:, column]]
            names.append(tuple(plain[n] for n in order))
        return Lock(
            samples=header.samples,
            taxonomy=header.taxonomy or "",
            leaves=tuple(self._leaves),
            mixes=tuple(zip(header.mixes or (), names, strict=True)),
            leaf=np.array(self._leaf, np.int64),
            values=values,
            count=np.array(self._count, np.int64),
            imports=tuple(sorted(header.imports.items())),
            prices=tuple(sorted(header.prices.items())),
        )


def _count(digits: str) -> int:
    if not _COUNT.match(digits) or int(digits) > MAX_SAMPLES:
        raise _DamageError(f"`{digits}` is not a count")
    return int(digits)


def changed(lock: Lock, imports: Iterable[tuple[str, str]], prices: Iterable[tuple[str, str]]) -> list[str]:
    """Names of modules and price tables that differ from the lock, sorted."""
    now = {("import", name): digest for name, digest in imports}
    now |= {("price", name): digest for name, digest in prices}
    then = {("import", name): digest for name, digest in lock.imports}
    then |= {("price", name): digest for name, digest in lock.prices}
    return sorted(
        {f"{kind} {name}" for kind, name in now.keys() | then.keys() if now.get((kind, name)) != then.get((kind, name))}
    )
