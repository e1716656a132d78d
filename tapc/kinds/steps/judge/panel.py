"""Several judges, one verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Literal

from tapc.ir import Aspect
from tapc.kinds.steps.judge.scale import unit
from tapc.steps.results import ScoreValue

Rule = Literal["mean", "median", "majority"]


def combine(rule: Rule, values: Sequence[ScoreValue]) -> ScoreValue:
    """One score of several; missing and not applicable ones have no voice, but where most say so, so does the panel.

    Numbers follow the rule; `majority` takes the most frequent value and, between equally frequent ones, their median.
    Booleans are decided by majority under every rule, and an even split is missing: a divided panel gives no answer.
    Categories are those that more than half of the judges name.
    """
    if len(values) == 1:
        return values[0]
    present = [value for value in values if value is not None]
    if 2 * len(present) < len(values) or not present:
        return None
    first = present[0]
    if isinstance(first, bool):
        yes = sum(1 for value in present if value is True)
        return None if 2 * yes == len(present) else 2 * yes > len(present)
    if isinstance(first, tuple):
        named = Counter(option for value in present if isinstance(value, tuple) for option in value)
        return tuple(option for option, count in sorted(named.items()) if 2 * count > len(present))
    numbers = sorted(value for value in present if isinstance(value, Fraction))
    if rule == "mean":
        return sum(numbers, Fraction(0)) / len(numbers)
    if rule == "majority":
        counts = Counter(numbers)
        most = max(counts.values())
        numbers = sorted(number for number, count in counts.items() if count == most)
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def agreement(aspects: Sequence[Aspect], members: Sequence[Mapping[str, ScoreValue]]) -> Fraction:
    """How close judges are, 0..1: the mean over aspects and pairs of judges.

    Two numbers agree by one less their distance on 0..1, booleans by being equal, categories by intersection over
    union, and not applicable agrees with itself only. A single judge agrees with itself: 1.
    """
    if len(members) == 1:
        return Fraction(1)
    total, count = Fraction(0), 0
    for aspect in aspects:
        for a, b in combinations((member.get(aspect.name) for member in members), 2):
            total += _closeness(aspect, a, b)
            count += 1
    return total / count if count else Fraction(1)


def _closeness(aspect: Aspect, a: ScoreValue, b: ScoreValue) -> Fraction:
    if isinstance(a, tuple) and isinstance(b, tuple):
        union = set(a) | set(b)
        return Fraction(len(set(a) & set(b)), len(union)) if union else Fraction(1)
    x, y = unit(aspect, a), unit(aspect, b)
    if x is None or y is None:
        return Fraction(int(a is None and b is None))
    return 1 - abs(x - y)
