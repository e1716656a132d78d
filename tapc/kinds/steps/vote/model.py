"""The model of `vote`: the majority of answers."""

from fractions import Fraction
from typing import Literal, Self

from tapc.ir import Ratio, ScoreType, Step

_WITHOUT_MAJORITY = frozenset({"agreement", "count", "answer"})
"""Results that a vote has with or without a majority."""


class Vote(Step):
    """Majority over candidates after extracting an answer.

    Attributes:
        extract: how the answer is found; `argument` is the pattern, the field or the tag.
        at_least: share of the candidates asked that the majority has; None means more than half.
        ties: `first` means that among equally frequent answers the earliest has the majority; None means that none has.
        needed: whether something reads the majority, so that a sample without one is rejected.
    """

    kind: Literal["vote"] = "vote"
    of: str
    extract: Literal["boxed", "last_number", "regex", "field", "tag"]
    argument: str | None = None
    at_least: Ratio | None = None
    ties: Literal["first"] | None = None
    needed: Literal[True] | None = None

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of,)

    def scored(self) -> str:
        """See `Step`."""
        return self.of

    def scores(self) -> tuple[tuple[str, ScoreType], ...]:
        """See `Step`."""
        return (
            ("answer", "text"),
            ("majority", "text"),
            ("agreement", "number"),
            ("count", "number"),
            ("overall", "flag"),
        )

    def read_by_others(self, paths: frozenset[str]) -> Self:
        """See `Step`: a sample without a majority is rejected where something reads it."""
        results = {path.partition(".")[2] for path in paths}
        return self.model_copy(update={"needed": True}) if results - _WITHOUT_MAJORITY else self

    def wins(self, votes: int, asked: int) -> bool:
        """Whether so many votes of so many candidates are a majority."""
        share = Fraction(votes, asked)
        return share > Fraction(1, 2) if self.at_least is None else share >= self.at_least
