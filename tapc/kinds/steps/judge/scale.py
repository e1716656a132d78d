"""Scores on scales: mapping to 0..1, the weighted mean, and whether an overall score fits its aspects."""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm

from tapc.ir import Aspect, Rubric
from tapc.steps.results import ScoreValue

OVERALL = "overall"
DISAGREEMENT = Fraction(1, 2)
"""An asked overall score this far (on 0..1) from the mean of its aspects is not believed.

It is what undid a well-known dataset: completions marked 10 of 10 whose aspects said 2 of 5, because "10" and "1" were
mixed up. Readers who give a 3 of 5 throughout and an overall 10 of 10 are asked again, too.
"""


def unit(aspect: Aspect, value: ScoreValue) -> Fraction | None:
    """Map a score to 0..1, higher better; None where it is missing or no number."""
    if isinstance(value, bool):
        value = Fraction(int(value))
    if not isinstance(value, Fraction):
        return None
    low, high = (0, 1) if aspect.scale == "boolean" else (aspect.minimum, aspect.maximum)
    if low == high:
        return Fraction(1)
    share = (value - low) / (high - low)
    return 1 - share if aspect.lower else share


class Scale:
    """The overall score of a rubric.

    Attributes:
        aspects: all but `overall`.
        asked: the `overall` aspect where the judge is asked for it.
    """

    def __init__(self, rubric: Rubric) -> None:
        self.aspects = tuple(aspect for aspect in rubric.aspects if aspect.name != OVERALL)
        self.asked = next((aspect for aspect in rubric.aspects if aspect.name == OVERALL), None)
        self._scored = tuple(aspect for aspect in self.aspects if aspect.scale != "category")
        common = lcm(*(aspect.weight.denominator for aspect in self._scored))
        self._weights = tuple(int(aspect.weight * common) for aspect in self._scored)
        kinds = {(a.scale == "boolean", a.minimum, a.maximum, a.lower) for a in self._scored}
        self._raw = len(kinds) == 1

    def computed(self, scores: Mapping[str, ScoreValue]) -> Fraction | None:
        """Weighted mean of what was scored: raw where all aspects share scale and direction, else on 0..1."""
        return self._raw_mean(scores) if self._raw else self._mapped_mean(scores)

    def overall(self, scores: Mapping[str, ScoreValue]) -> ScoreValue:
        """The asked score where there is one, else the computed."""
        return scores.get(OVERALL) if self.asked else self.computed(scores)

    def contradiction(self, scores: Mapping[str, ScoreValue]) -> str | None:
        """Why an asked overall contradicts its aspects; None if it does not."""
        if self.asked is None:
            return None
        overall = unit(self.asked, scores.get(OVERALL))
        mean = self._mapped_mean(scores)
        if overall is None or mean is None or abs(overall - mean) < DISAGREEMENT:
            return None
        return f"overall {scores.get(OVERALL)} is {float(overall):.2f} of the scale, its aspects are {float(mean):.2f}"

    def _raw_mean(self, scores: Mapping[str, ScoreValue]) -> Fraction | None:
        total: Fraction | int = 0
        weight = 0
        for aspect, share in zip(self._scored, self._weights, strict=True):
            value = scores.get(aspect.name)
            if isinstance(value, Fraction | bool):
                # whole numbers, as one judge's scores are, add up in a tenth of the time of fractions
                total += share * (value.numerator if value.denominator == 1 else value)
                weight += share
        return Fraction(total, weight) if weight else None

    def _mapped_mean(self, scores: Mapping[str, ScoreValue]) -> Fraction | None:
        total, weight = Fraction(0), 0
        for aspect, share in zip(self._scored, self._weights, strict=True):
            number = unit(aspect, scores.get(aspect.name))
            if number is not None:
                total += number * share
                weight += share
        return total / weight if weight else None
