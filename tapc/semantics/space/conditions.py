"""Conditions: what they name, as IR and as a region."""

from functools import reduce

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.ir import Condition as Lowered
from tapc.ir import Test as LoweredTest
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context
from tapc.semantics.space.regions import EVERYWHERE, Axes, Region
from tapc.source import SourceFile
from tapc.syntax.nodes import Condition, List, Number, Path, Quoted, Test, Value

_Names = tuple[str, ...]


class Read(msgspec.Struct, frozen=True):
    """A condition, read.

    Attributes:
        depends: axes it tests, and where.
    """

    condition: Lowered
    region: Region
    depends: tuple[tuple[str, Place], ...]


class ConditionReader:
    """Reads tests against the axes of one dataset."""

    def __init__(self, context: Context, axes: Axes) -> None:
        self._context = context
        self._axes = axes

    def condition(self, file: SourceFile, condition: Condition) -> Read | None:
        """Read tests joined by `and`; None after a finding."""
        names: dict[str, list[set[_Names]]] = {}
        region = EVERYWHERE
        depends: list[tuple[str, Place]] = []
        sound = True
        for test in condition.tests:
            axis = self.axis(file, test.axis)
            values = self.values(file, axis, test.value) if axis is not None else None
            if axis is None or values is None or not self._testable(file, axis, test):
                sound = False
                continue
            depends.append((axis, Place(file, test.axis.span)))
            names.setdefault(axis, []).append(set(values))
            region &= Region({axis: reduce(int.__or__, values.values())})
        if not sound:
            return None
        tests = [
            LoweredTest.trusted(axis=axis, values=self._canonical(axis, reduce(self._meet(axis), sets)))
            for axis, sets in sorted(names.items())
        ]
        return Read(Lowered.trusted(tests=tuple(tests)), region, tuple(depends))

    def axis(self, file: SourceFile, path: Path) -> str | None:
        """The axis a test names; None after a finding."""
        name = path.text
        if len(path.parts) == 1 and name in self._axes.full:
            return name
        better = did_you_mean(name, self._axes.full)
        listed = ", ".join(f"`{axis}`" for axis in sorted(self._axes.full))
        notes = (f"did you mean `{better}`?",) if better else (f"axes are {listed}" if listed else "there are no axes",)
        self._context.report.add(
            "TAP210", f"`{name}` is not an axis of this dataset", Place(file, path.span), notes=notes
        )
        return None

    def values(self, file: SourceFile, axis: str, value: Value) -> dict[_Names, int] | None:
        """Values or subtrees by their path, with their bits; None after a finding."""
        found: dict[_Names, int] = {}
        sound = True
        for item, place in self._items(file, axis, value):
            path = _path(item)
            bits = self._axes.bits(axis, path) if path else None
            if path is None or bits is None:
                self._unknown(axis, item, place)
                sound = False
            else:
                found[path] = bits
        return found if sound and found else None

    def _items(self, file: SourceFile, axis: str, value: Value) -> list[tuple[Value, Place]]:
        """The values of a list or one; params stand back behind values of the axis."""
        path = _path(value)
        if path is not None and self._axes.bits(axis, path) is not None:
            return [(value, Place(file, value.span))]
        found, place = self._context.follow(file, value)
        if not isinstance(found, List):
            return [(found, place)]
        if not found.items:
            self._context.report.add("TAP213", "an empty list matches nothing", place)
        items: list[tuple[Value, Place]] = []
        for item in found.items:
            if isinstance(item, List):
                items.append((item, Place(place.file, item.span)))
            else:
                items.extend(self._items(place.file, axis, item))
        return items

    def _unknown(self, axis: str, value: Value, place: Place) -> None:
        path = _path(value)
        text = ".".join(path) if path else place.file.slice(value.span)
        known = self._axes.names(axis)
        kind = "node" if self._axes.is_tree(axis) else "value"
        if isinstance(value, Number):
            notes = (f'names are texts: write `"{value.text}"`',)
        else:
            deeper = [name for name in known if path and name.endswith(f".{text}")]
            better = deeper[0] if deeper else did_you_mean(text, known if len(known) < 5_000 else ())
            offer = ", ".join(f"`{name}`" for name in known[:12])
            notes = (
                (f"did you mean `{better}`?",) if better else (f"it has {offer}" + (" …" if len(known) > 12 else ""),)
            )
        self._context.report.add("TAP211", f"`{axis}` has no {kind} `{text}`", place, notes=notes)

    def _testable(self, file: SourceFile, axis: str, test: Test) -> bool:
        mix = self._axes.mixes.get(axis)
        if mix is None or not mix.per_candidate:
            return True
        message = f"`{axis}` is drawn for each candidate; nothing can depend on it"
        self._context.report.add("TAP223", message, Place(file, test.axis.span))
        return False

    def _meet(self, axis: str):  # noqa: ANN202 - a local function
        """How the values of two tests on one axis combine."""
        if not self._axes.is_tree(axis):
            return set[_Names].__and__

        def meet(left: set[_Names], right: set[_Names]) -> set[_Names]:
            deeper = {p for p in left if any(p[: len(q)] == q for q in right)}
            return deeper | {q for q in right if any(q[: len(p)] == p for p in left)}

        return meet

    def _canonical(self, axis: str, values: set[_Names]) -> tuple[str, ...]:
        """Names in order; nodes inside others that are named too are left out."""
        if self._axes.is_tree(axis):
            values = {p for p in values if not any(p[:n] in values for n in range(1, len(p)))}
        return tuple(sorted(".".join(path) for path in values))


def _path(value: Value) -> _Names | None:
    if isinstance(value, Path):
        return tuple(part.text for part in value.parts)
    return (value.text,) if isinstance(value, Quoted) else None
