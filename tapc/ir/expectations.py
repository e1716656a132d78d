"""What a spec asserts of its plan and of the dataset: bounds on figures that plan and run compute."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import msgspec

from tapc.ir.base import Frozen
from tapc.ir.exact import Ratio

Measure = Literal[
    "samples",
    "every",
    "share",
    "cost",
    "tokens",
    "requests",
    "rows",
    "short",
    "rejected",
    "length_gap",
    "chosen_longer",
    "chosen_from",
    "mean",
    "min",
    "max",
]
"""Figures that an expectation can be about; `tapc.semantics.lower.measures` says how each is written."""

Unit = Literal["count", "share", "money", "number"]
"""Units of figures: whole numbers, parts of 1, picodollars, scores."""


class Expectation(Frozen):
    """A bound on one figure, or on the same figure of every value of an axis or of every config.

    Attributes:
        measure: the figure.
        of: what is measured, as a path: an axis, an axis and a value, a step and a score, a config and a split, an
            endpoint, a step; empty where the measure needs none.
        per: axis for each of whose values the figure must keep the bound.
        config: the config of pairs that is measured; None means each of them.
        unit: of the bound.
        minimum, maximum: the bound; at least one is given.
        exclusive: whether the bound itself is outside.
    """

    measure: Measure
    of: tuple[str, ...] = ()
    per: str | None = None
    config: str | None = None
    unit: Unit
    minimum: Ratio | None = None
    maximum: Ratio | None = None
    exclusive: Literal[True] | None = None

    def excess(self, value: Fraction) -> Fraction:
        """How far a value is outside of the bound; negative or 0 if it is inside."""
        sides = [self.minimum - value] if self.minimum is not None else []
        sides += [value - self.maximum] if self.maximum is not None else []
        return max(sides)

    def holds(self, value: Fraction) -> bool:
        """Whether a value keeps the bound."""
        excess = self.excess(value)
        return excess < 0 if self.exclusive else excess <= 0

    def judge(self, figures: Mapping[str, Fraction]) -> "Verified":
        """Compare figures, by what each is of, with the bound; the one that decides is the farthest out.

        An expectation without a figure (no pair, no score) does not hold: nothing was shown.
        """
        if not figures:
            return Verified(self, None, "", holds=False)
        where, value = min(figures.items(), key=lambda item: (-self.excess(item[1]), item[0]))
        return Verified(self, value, where, holds=self.holds(value))


class Verified(msgspec.Struct, frozen=True):
    """An expectation and what was found.

    Attributes:
        expectation: the expectation.
        value: the figure that decides, in the expectation's unit; None if there is none, or not yet.
        where: what the figure is of, such as a value or a config; empty if it is of the whole.
        holds: whether it holds; None if only a run can tell.
    """

    expectation: Expectation
    value: Fraction | None
    where: str
    holds: bool | None
