"""The model of `pair`: chosen and rejected."""

from typing import Literal

from tapc.ir import Ratio, Step


class Pair(Step):
    """Chosen and rejected.

    Attributes:
        by: scores, lexicographic.
        chosen, rejected: `best`/`worst`/`random`/`quantile`/`endpoint`, with their argument in `*_of`.
        margin: least (and most) difference on the first score.
        within: `endpoint` pairs only candidates of one endpoint.
        within_drawn: `per candidate` mixes; only candidates with the same values of them are paired. Sorted.
        all: every admissible pair instead of one.
    """

    kind: Literal["pair"] = "pair"
    of: str
    by: tuple[str, ...]
    chosen: Literal["best", "endpoint"] = "best"
    chosen_of: str | None = None
    rejected: Literal["worst", "random", "quantile", "endpoint"] = "worst"
    rejected_of: str | None = None
    chosen_at_least: Ratio | None = None
    margin: Ratio | None = None
    margin_at_most: Ratio | None = None
    within: Literal["endpoint"] | None = None
    within_drawn: tuple[str, ...] | None = None
    all: bool = False

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of, *self.by, *(self.within_drawn or ()))

    def thresholds(self) -> tuple[str, ...]:
        """See `Step`."""
        return "margin", "margin_at_most", "chosen_at_least"

    def paired(self) -> str:
        """See `Step`."""
        return self.of

    def ranked_by(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.by

    def alike_in(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.within_drawn or ()
