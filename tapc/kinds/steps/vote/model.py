"""The model of `vote`: the majority of answers."""

from typing import Literal

from tapc.ir import ScoreType, Step


class Vote(Step):
    """Majority over candidates after extracting an answer."""

    kind: Literal["vote"] = "vote"
    of: str
    extract: Literal["boxed", "regex", "field"]
    argument: str | None = None

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of,)

    def scored(self) -> str:
        """See `Step`."""
        return self.of

    def scores(self) -> tuple[tuple[str, ScoreType], ...]:
        """See `Step`."""
        return (("answer", "text"), ("majority", "text"), ("agreement", "number"), ("overall", "flag"))
