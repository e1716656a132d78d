"""The model of `judge`: scores by a rubric."""

from typing import ClassVar, Literal, Self

from tapc.ir import AnyCheck, Check, Judging, Rubric, Sampling, ScoreType, Step, Template, as_written


class Judge(Step):
    """Scores candidates by a rubric."""

    asked: ClassVar[frozenset[str]] = frozenset({"of", "using", "rubric", "mode", "prompt", "given", "system"})

    kind: Literal["judge"] = "judge"
    of: str
    using: tuple[str, ...]
    panel: Literal["mean", "median", "majority"] = "mean"
    rubric: Rubric
    mode: Literal["pointwise", "listwise", "pairwise"] = "pointwise"
    prompt_of: str | None = None
    given: tuple[str, ...] = ()
    system: Template | None = None
    attempts: int = 3
    require: tuple[AnyCheck, ...] = ()
    sampling: Sampling = Sampling.trusted()

    def templates(self) -> tuple[Template, ...]:
        """See `Step`."""
        return self.rubric.templates() if self.system is None else (self.system, *self.rubric.templates())

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of, *self.given) if self.prompt_of is None else (self.of, self.prompt_of, *self.given)

    def checks(self) -> tuple[Check, ...]:
        """See `Step`."""
        return self.require

    def with_checks(self, checks: tuple[Check, ...]) -> Self:
        """See `Step`."""
        return self.model_copy(update={"require": checks})

    def alone(self) -> Self:
        """See `Step`."""
        return self.model_copy(update={"require": tuple(check for check in self.require if not check.remembers())})

    def chats_with(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.using

    def chat_sampling(self) -> Sampling:
        """See `Step`."""
        return self.sampling

    def scored(self) -> str:
        """See `Step`."""
        return self.of

    def judging(self) -> Judging:
        """See `Step`."""
        at_once = {"pointwise": 1, "pairwise": 2, "listwise": None}[self.mode]
        return Judging(self.of, self.prompt_of, self.given, at_once)

    def rubrics(self) -> tuple[Rubric, ...]:
        """See `Step`."""
        return (self.rubric,)

    def scores(self) -> tuple[tuple[str, ScoreType], ...]:
        """See `Step`."""
        rates = self.mode == "pairwise"  # shares of comparisons won, whatever the scales are
        types: dict[str, ScoreType] = {"range": "number", "boolean": "number" if rates else "flag", "category": "texts"}
        found: dict[str, ScoreType] = {"overall": "number"}
        found.update((aspect.name, types[aspect.scale]) for aspect in as_written(self.rubric.aspects))
        found["agreement"] = "number"
        return tuple(found.items())

    def lower_is_better(self, score: str) -> bool:
        """See `Step`; win rates and agreement are better when higher."""
        if self.mode == "pairwise" or score == "agreement":
            return False
        asked = {aspect.name: aspect.lower for aspect in self.rubric.aspects}
        if score in asked or score != "overall":
            return asked.get(score, False)
        # the computed mean has the direction of its aspects where they share it and their scale
        kinds = {(a.scale, a.minimum, a.maximum, a.lower) for a in self.rubric.aspects if a.scale != "category"}
        return len(kinds) == 1 and next(iter(kinds))[3]
