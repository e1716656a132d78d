"""The model of `score`: scores by a reward model or a program."""

from typing import ClassVar, Literal, Self

from tapc.ir import AnyCheck, Check, ScoreType, Step


class Score(Step):
    """Scores by a reward model (`using`) or by a program (`run`)."""

    asked: ClassVar[frozenset[str]] = frozenset({"of", "using", "kind", "run"})

    kind: Literal["score"] = "score"
    of: str
    using: str | None = None
    reward: bool = False
    run: tuple[str, ...] = ()
    require: tuple[AnyCheck, ...] = ()

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of,)

    def checks(self) -> tuple[Check, ...]:
        """See `Step`."""
        return self.require

    def with_checks(self, checks: tuple[Check, ...]) -> Self:
        """See `Step`."""
        return self.model_copy(update={"require": checks})

    def alone(self) -> Self:
        """See `Step`."""
        return self.model_copy(update={"require": tuple(check for check in self.require if not check.remembers())})

    def endpoints(self) -> tuple[str, ...]:
        """See `Step`."""
        return () if self.using is None else (self.using,)

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """See `Step`."""
        return (self.run,) if self.run else ()

    def scored(self) -> str:
        """See `Step`."""
        return self.of

    def scores(self) -> tuple[tuple[str, ScoreType], ...]:
        """See `Step`."""
        return (("overall", "number"),)
