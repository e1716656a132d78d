"""`split`: shares of a config's rows, the same in all configs."""

from fractions import Fraction
from itertools import combinations, pairwise

from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.plain_names import check_apart, check_plain
from tapc.semantics.report import Place, Report
from tapc.semantics.units import Problem, Quantity, parse_number, to_percent
from tapc.semantics.values import problem, wrong_value
from tapc.syntax.nodes import Number

Splits = tuple[tuple[str, Fraction], ...]
"""(name, share of 1), in order of declaration."""


def lower_split(item: Item, report: Report) -> Splits:
    """Read a `split` block."""
    found: dict[str, Fraction] = {}
    fine = item.children is not None and not item.args
    named = [(child.head, child.head_place) for child in item.children or ()]
    check_apart(named, "splits", report)
    for child in item.children or ():
        check_plain(child.head, "a split", child.head_place, report, split=True)
        share = _percent(child, report)
        if child.head in found:
            report.add("TAP109", f"the split `{child.head}` is given twice", child.head_place)
        elif share is not None:
            found[child.head] = share
        fine = fine and share is not None
    total = sum(found.values(), Fraction(0))
    if fine and total != 1:
        shown = f"{float(total * 100):g}%"
        report.add("TAP443", f"the splits sum to {shown}, not to 100%", item.head_place)
    elif not fine and item.children is None:
        report.add(
            "TAP104", "`split` takes a block", item.head_place, notes=("for example `split { train 95%, test 5% }`",)
        )
    return tuple(found.items())


def _percent(item: Item, report: Report) -> Fraction | None:
    arg = item.args[0].follow() if len(item.args) == 1 else None
    if arg is None or not isinstance(arg.value, Number):
        notes = ("for example `train 95%`",)
        report.add("TAP104", f"the split `{item.head}` needs a percentage", item.place, notes=notes)
        return None
    number = parse_number(arg.value.text)
    if isinstance(number, Problem):
        problem(number, arg, report)
        return None
    share = to_percent(number) if isinstance(number, Quantity) else None
    if share is None or isinstance(share, Problem) or not 0 < share <= 1:
        wrong_value(item.head, "a percentage above 0% and up to 100%", arg, "train 95%", report)
        return None
    return share


def check_agreement(emits: list[tuple[Item, Emit]], report: Report) -> None:
    """Report configs with other splits than another's: a prompt of the one's `test` would be in the other's `train`.

    Every sample has one place between 0 and 1 in all configs, and splits are parts of that line, so two configs agree
    where parts that overlap have one name.
    """
    divided = [(item, emit) for item, emit in emits if emit.split]
    for (item, emit), (other, second) in combinations(divided, 2):
        clash = _clash(emit.split, second.split)
        if clash is not None:
            message = f"samples in `{clash[0]}` of `{emit.name}` would be in `{clash[1]}` of `{second.name}`"
            notes = (
                "configs divide samples alike: give them the same splits in the same order",
                "or write `split { … }` once in the dataset, where it holds for every config",
            )
            report.add(
                "TAP448", message, _place(other).label("this one"), _place(item).label("and this one"), notes=notes
            )
            return


def _clash(one: Splits, other: Splits) -> tuple[str, str] | None:
    """Names of two splits that overlap and differ."""
    for name, low, high in _parts(one):
        for second, start, end in _parts(other):
            if name != second and max(low, start) < min(high, end):
                return name, second
    return None


def _parts(splits: Splits) -> list[tuple[str, Fraction, Fraction]]:
    edges = [Fraction(0)]
    for _, share in splits:
        edges.append(edges[-1] + share)
    return [(name, low, high) for (name, _), (low, high) in zip(splits, pairwise(edges), strict=True)]


def _place(item: Item) -> Place:
    return next((child.head_place for child in item.children or () if child.head == "split"), item.head_place)
