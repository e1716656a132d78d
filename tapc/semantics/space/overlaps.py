"""Rules against each other: regions that never match, that overlap and disagree, that leave a mix empty."""

from collections.abc import Sequence

import msgspec

from tapc.ir import Exclusion, Mix, MixRule
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context
from tapc.semantics.space.regions import EVERYWHERE, MAX_STEPS, Axes, Region, covered

MAX_FINDINGS = 20


class ReadRule(msgspec.Struct, frozen=True):
    """A rule for one mix; `where` is the place of its condition."""

    rule: MixRule
    region: Region
    place: Place
    where: Place


class ReadExclusion(msgspec.Struct, frozen=True):
    """An exclusion; `bits` are the excluded values, `where` is the place of its condition, or the whole."""

    exclusion: Exclusion
    region: Region
    bits: int
    place: Place
    where: Place


def check_matches(
    context: Context, axes: Axes, rules: list[ReadRule], exclusions: list[ReadExclusion]
) -> tuple[list[ReadRule], list[ReadExclusion]]:
    """Report conditions that never hold; gives those that may."""
    gone = dict.fromkeys(axes.full, 0)
    for exclusion in exclusions:
        if exclusion.exclusion.condition is None:
            gone[exclusion.exclusion.mix] |= exclusion.bits
    possible = Region({axis: full & ~gone[axis] for axis, full in axes.full.items() if gone[axis]})

    def never(region: Region, place: Place) -> bool:
        within = region & Region({axis: left for axis, left in possible.sets.items() if axis in region.sets})
        if not within.empty:
            return False
        why = "its tests exclude each other" if region.empty else "it names only values that are excluded everywhere"
        context.report.add("TAP213", f"this condition never holds: {why}", place)
        return True

    return (
        [rule for rule in rules if not never(rule.region, rule.where)],
        [exclusion for exclusion in exclusions if not never(exclusion.region, exclusion.where)],
    )


def check_overlaps(context: Context, axes: Axes, rules: Sequence[ReadRule]) -> None:
    """Report pairs of rules that meet, disagree, and of which neither lies inside the other.

    A third rule that lies inside both and covers where they meet settles it.
    """
    tree = axes.tree.name if axes.tree is not None else ""
    ordered = sorted(
        ((*_reach(rule.region.sets.get(tree), len(axes.leaves)), index, rule) for index, rule in enumerate(rules)),
        key=lambda item: item[:3],
    )
    found = 0
    for index, (_, end, _, rule) in enumerate(ordered):
        for start, _, _, other in ordered[index + 1 :]:
            if start >= end or found >= MAX_FINDINGS:
                break
            if _clash(rule, other, rules):
                found += 1
                _report_overlap(context, axes, rule, other)


def _reach(bits: int | None, leaves: int) -> tuple[int, int]:
    """First leaf and the one after the last; sorts rules so that most pairs need no look."""
    if bits is None:
        return 0, max(leaves, 1)
    return (bits & -bits).bit_length() - 1, bits.bit_length()


def _clash(rule: ReadRule, other: ReadRule, rules: Sequence[ReadRule]) -> bool:
    meeting = rule.region & other.region
    if meeting.empty or rule.rule.shares == other.rule.shares:
        return False
    first, second = rule.region.inside(other.region), other.region.inside(rule.region)
    if first != second:
        return False
    if first:
        return True  # the same region twice
    return not any(
        third is not rule and third is not other and meeting.inside(third.region) and _inside_both(third, rule, other)
        for third in rules
    )


def _inside_both(third: ReadRule, rule: ReadRule, other: ReadRule) -> bool:
    return third.region.inside(rule.region) and third.region.inside(other.region)


def _report_overlap(context: Context, axes: Axes, rule: ReadRule, other: ReadRule) -> None:
    first, second = sorted((rule, other), key=lambda item: (item.place.file.name, item.place.span.start))
    sample = axes.sample(first.region & second.region)
    message = f"two rules for `{rule.rule.mix}` overlap and disagree: both hold for {sample}"
    notes = ("narrow one of them, or add a rule for exactly the overlap",)
    places = (second.place.label("this rule"), first.place.label("and this one"))
    context.report.add("TAP212", message, *places, notes=notes)


def check_emptied(
    context: Context, axes: Axes, mix: Mix, rules: Sequence[ReadRule], exclusions: Sequence[ReadExclusion]
) -> None:
    """Report where exclusions take every value that a mix, or a rule for it, gives."""
    if not exclusions:
        return
    base = sum(1 << i for i, value in enumerate(mix.values) if value.share.value or value.share.at_least)
    index = {value.name: i for i, value in enumerate(mix.values)}
    search = _Search(axes, exclusions)
    everywhere = search.emptied(base, EVERYWHERE, [rule.region for rule in rules])
    if everywhere is not None:
        _report_emptied(context, axes, mix.name, *everywhere, None)
        return
    for rule in rules:
        given = sum(1 << index[name] for name, share in rule.rule.shares if share.value or share.at_least)
        stronger = [
            other.region
            for other in rules
            if other is not rule and other.region.inside(rule.region) and not rule.region.inside(other.region)
        ]
        found = search.emptied(given, rule.region, stronger)
        if found is not None:
            _report_emptied(context, axes, mix.name, *found, rule)


class _Search:
    """Looks for a place where exclusions cover a set of values."""

    def __init__(self, axes: Axes, exclusions: Sequence[ReadExclusion]) -> None:
        self._axes = axes
        self._exclusions = exclusions

    def emptied(
        self, bits: int, region: Region, stronger: Sequence[Region]
    ) -> tuple[Region, list[ReadExclusion]] | None:
        """A region where all bits are excluded and no stronger rule holds everywhere, with the exclusions."""
        steps = [MAX_STEPS]
        return self._cover(bits, region, stronger, [], steps) if bits else None

    def _cover(
        self, bits: int, region: Region, stronger: Sequence[Region], used: list[ReadExclusion], steps: list[int]
    ) -> tuple[Region, list[ReadExclusion]] | None:
        steps[0] -= 1
        if steps[0] < 0 or region.empty:
            return None
        if not bits:
            return None if covered(region, stronger, self._axes.full, steps) else (region, used)
        lowest = bits & -bits
        for exclusion in self._exclusions:
            if exclusion.bits & lowest:
                left = bits & ~exclusion.bits
                found = self._cover(left, region & exclusion.region, stronger, [*used, exclusion], steps)
                if found is not None:
                    return found
        return None


def _report_emptied(
    context: Context, axes: Axes, mix: str, region: Region, used: list[ReadExclusion], rule: ReadRule | None
) -> None:
    where = axes.sample(region)
    places = [exclusion.place.label("excludes " + ", ".join(exclusion.exclusion.values)) for exclusion in used]
    if rule is not None:
        places.append(rule.place.label("which are all this rule gives"))
    message = f"`{mix}` is left without values" + (f" for {where}" if where else "")
    context.report.add("TAP214", message, *places)
