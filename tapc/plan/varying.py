"""What may be varied in a dataset without asking anything of it: thresholds, margins, shares, the number of samples.

A `Target` has the name by which people know it, and makes the dataset with another value: a bound of a check, named
after the score that it bounds (`verdict.overall`) or after its step and kind (`answer.length`); a threshold of a step
(`choice.margin`); a share of a value or node (`language.en`, `topic.science.physics`), whose siblings keep their
proportions; and `samples`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import ceil, floor, log10
from typing import Literal, TypeVar

import msgspec

from tapc.ir import Check, Dataset, MixValue, Step, Taxonomy, TaxonomyNode
from tapc.ir.dataset import MAX_SAMPLES

MOST = 25
"""Most values of one target."""

_STEPS = 10
"""Most steps of a range."""

_NICE = (Fraction(1), Fraction(2), Fraction(5, 2), Fraction(5), Fraction(10))
"""Steps of a range, times a power of ten."""

Unit = Literal["number", "share", "count"]
Entry = TypeVar("Entry", MixValue, TaxonomyNode)


class WrongValueError(ValueError):
    """A value that a target cannot have; the message says how to write it."""


class Target(msgspec.Struct, frozen=True):
    """Something that may be varied.

    Attributes:
        name: as people write it.
        unit: of its values.
        current: its value in the spec; a share is of 1.
        recounts: whether other values have other counts of cells.
        change: makes the dataset with another value.
    """

    name: str
    unit: Unit
    current: Fraction
    recounts: bool
    change: Callable[[Fraction], Dataset]

    def shown(self, value: Fraction) -> str:
        """A value as the spec writes it."""
        if self.unit == "share":
            return f"{_decimal(value * 100)}%"
        return f"{int(value):,}" if self.unit == "count" else _decimal(value)


def _decimal(value: Fraction) -> str:
    """A number without superfluous digits; six digits behind the point if it has more."""
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return text or "0"


def find_targets(dataset: Dataset) -> list[Target]:
    """Everything that may be varied; names that two of them would have begin with the step."""
    found = [*_of_checks(dataset), *_of_steps(dataset)]
    times = Counter(target.name for _, target in found)
    named = [
        msgspec.structs.replace(target, name=f"{step}.{target.name}") if times[target.name] > 1 else target
        for step, target in found
    ]
    return [*named, *_of_shares(dataset), *_of_samples(dataset)]


def _of_checks(dataset: Dataset) -> Iterator[tuple[str, Target]]:
    """Bounds of checks, each with its step."""
    for step in dataset.steps:
        checks = step.checks()
        for at, check in enumerate(checks):
            bounds = [side for side in check.thresholds() if getattr(check, side) is not None]
            for side in bounds:
                name = _check_name(step, check) + (f".{side}" if len(bounds) > 1 else "")
                change = partial(_with_bound, dataset, step, at, side)
                yield step.name, Target(name, "number", getattr(check, side), recounts=False, change=change)


def _check_name(step: Step, check: Check) -> str:
    if check.field is None:
        return f"{step.name}.{check.check}"
    if check.field in check.named():  # a score, which has its own step in its name
        return check.field
    return f"{step.name}.{check.check}.{check.field}"


def _with_bound(dataset: Dataset, step: Step, at: int, side: str, value: Fraction) -> Dataset:
    checks = list(step.checks())
    checks[at] = checks[at].model_copy(update={side: value})
    return _with_step(dataset, step, step.with_checks(tuple(checks)))


def _of_steps(dataset: Dataset) -> Iterator[tuple[str, Target]]:
    for step in dataset.steps:
        for field in step.thresholds():
            if (current := getattr(step, field)) is not None:
                change = partial(_with_threshold, dataset, step, field)
                yield step.name, Target(f"{step.name}.{field}", "number", current, recounts=False, change=change)


def _with_threshold(dataset: Dataset, step: Step, field: str, value: Fraction) -> Dataset:
    return _with_step(dataset, step, step.model_copy(update={field: value}))


def _with_step(dataset: Dataset, old: Step, new: Step) -> Dataset:
    steps = tuple(new if step is old else step for step in dataset.steps)
    return dataset.model_copy(update={"steps": steps})


def _of_samples(dataset: Dataset) -> Iterator[Target]:
    if dataset.samples is not None:
        yield Target(
            "samples", "count", Fraction(dataset.samples), recounts=True, change=partial(_with_samples, dataset)
        )


def _with_samples(dataset: Dataset, value: Fraction) -> Dataset:
    return dataset.model_copy(update={"samples": int(value)})


def _of_shares(dataset: Dataset) -> Iterator[Target]:
    space = dataset.space
    for mix in space.mixes:
        for name, current in _shares(mix.values):
            change = partial(_with_mix, dataset, mix.name, name)
            yield Target(f"{mix.name}.{name}", "share", current, recounts=True, change=change)
    if space.taxonomy is not None:
        yield from _of_nodes(dataset, space.taxonomy, ())


def _of_nodes(dataset: Dataset, node: Taxonomy | TaxonomyNode, path: tuple[str, ...]) -> Iterator[Target]:
    axis = "" if dataset.space.taxonomy is None else dataset.space.taxonomy.name
    for name, current in _shares(node.children):
        change = partial(_with_node, dataset, (*path, name))
        yield Target(".".join((axis, *path, name)), "share", current, recounts=True, change=change)
    for child in node.children:
        yield from _of_nodes(dataset, child, (*path, child.name))


def _shares(entries: Sequence[Entry]) -> Iterator[tuple[str, Fraction]]:
    """Names and exact shares of siblings; none if there is one alone, or a count among them."""
    if len(entries) < 2 or any(entry.share.kind == "count" for entry in entries):
        return
    stated = sum((entry.share.value for entry in entries if entry.share.kind == "percent"), Fraction(0))
    weights = sum((entry.share.value for entry in entries if entry.share.kind == "weight"), Fraction(0))
    for entry in entries:
        share = entry.share
        if share.kind == "percent":
            yield entry.name, share.value if weights or not stated else share.value / stated
        else:
            yield entry.name, (1 - stated) * share.value / weights if weights else Fraction(0)


def _reshared(entries: Sequence[Entry], name: str, value: Fraction) -> tuple[Entry, ...]:
    """Siblings of which one has a share, and the others divide the rest as they did."""
    now = dict(_shares(entries))
    others = sum((share for other, share in now.items() if other != name), Fraction(0))
    found: list[Entry] = []
    for entry in entries:
        exact = value if entry.name == name else (1 - value) * (now[entry.name] / others if others else Fraction(0))
        share = entry.share.model_copy(update={"kind": "percent", "value": exact})
        found.append(entry.model_copy(update={"share": share}))
    return tuple(found)


def _with_mix(dataset: Dataset, mix: str, name: str, value: Fraction) -> Dataset:
    space = dataset.space
    mixes = tuple(
        one.model_copy(update={"values": _reshared(one.values, name, value)}) if one.name == mix else one
        for one in space.mixes
    )
    return dataset.model_copy(update={"space": space.model_copy(update={"mixes": mixes})})


def _with_node(dataset: Dataset, path: tuple[str, ...], value: Fraction) -> Dataset:
    space = dataset.space
    if space.taxonomy is None:
        return dataset
    taxonomy = _renewed(space.taxonomy, path, value)
    return dataset.model_copy(update={"space": space.model_copy(update={"taxonomy": taxonomy})})


Tree = TypeVar("Tree", Taxonomy, TaxonomyNode)


def _renewed(node: Tree, path: tuple[str, ...], value: Fraction) -> Tree:
    if len(path) == 1:
        return node.model_copy(update={"children": _reshared(node.children, path[0], value)})
    children = tuple(_renewed(one, path[1:], value) if one.name == path[0] else one for one in node.children)
    return node.model_copy(update={"children": children})


def read_values(target: Target, text: str) -> list[Fraction]:
    """Values of `3.5..4.5` or `3.5,4,4.5`, in the unit of a target, ascending.

    Raises:
        WrongValueError: they cannot be read, or the target cannot have them.
    """
    found: set[Fraction] = set()
    for part in text.split(","):
        low, dots, high = part.strip().partition("..")
        if dots:
            found.update(_range(target, _value(target, low), _value(target, high)))
        else:
            found.add(_value(target, low))
    if len(found) > MOST:
        raise WrongValueError(f"{len(found)} values are too many: give at most {MOST}")
    return sorted(found)


def _range(target: Target, low: Fraction, high: Fraction) -> Iterator[Fraction]:
    """The ends, and multiples of a round step between them."""
    if low >= high:
        ends = f"{target.shown(low)}..{target.shown(high)}"
        raise WrongValueError(f"the range {ends} is empty: write the smaller value first")
    least = (high - low) / _STEPS
    power = Fraction(10) ** floor(log10(least))
    step = next(nice * power for nice in _NICE if nice * power >= least)
    if target.unit == "count":
        step = Fraction(ceil(step))
    yield low
    value = (low // step + 1) * step
    while value < high:
        yield value
        value += step
    yield high


def _value(target: Target, text: str) -> Fraction:
    text = text.strip()
    percent = text.endswith("%")
    try:
        number = Fraction(Decimal(text.removesuffix("%").replace("_", "")))
    except (ArithmeticError, ValueError, OverflowError):
        raise WrongValueError(f"`{text}` is not a number: {example(target)}") from None
    if percent != (target.unit == "share"):
        raise WrongValueError(f"`{text}` has the wrong unit: {example(target)}")
    if abs(number) >= 10**12:
        raise WrongValueError(f"`{text}` is too large")
    if target.unit == "share":
        if not 0 <= number <= 100:
            raise WrongValueError(f"`{text}` is not between 0% and 100%")
        return number / 100
    if target.unit == "count" and (number.denominator != 1 or not 1 <= number <= MAX_SAMPLES):
        raise WrongValueError(f"`{text}` is not a number of samples: write a whole number from 1 to {MAX_SAMPLES:,}")
    return number


def example(target: Target) -> str:
    """How values of a target are written."""
    now = target.shown(target.current).replace(",", "")
    return f"write for example `{target.name}={now}`, or a range such as `{_ranges[target.unit]}`"


_ranges: dict[Unit, str] = {"number": "3.5..4.5", "share": "20%..50%", "count": "100..1000"}
