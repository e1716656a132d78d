"""Scores that steps give, and naming them."""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.semantics.compose import Arg
from tapc.semantics.lower.names import Names, a
from tapc.semantics.values import unknown_word, wrong_value
from tapc.syntax.nodes import Path

ScoreRange = tuple[Fraction, Fraction]
"""Least and greatest value, both possible."""

UNIT = (Fraction(0), Fraction(1))
"""Range of shares and of booleans."""


class Scored(msgspec.Struct, frozen=True):
    """What a judge, score or vote gives.

    Attributes:
        of: the step whose candidates it scores.
        numbers: scores that can be compared.
        others: results that cannot (categories, texts).
        booleans: those of `numbers` that are true or false.
        lower: those of `numbers` where less is better.
        ranges: least and greatest value of those of `numbers` whose range is known.
        single: whether all candidates of a slot share one result.
        broken: whether its scores are unknown because it is wrong (reported already).
    """

    of: str
    numbers: tuple[str, ...]
    others: tuple[str, ...] = ()
    booleans: frozenset[str] = frozenset()
    lower: frozenset[str] = frozenset()
    ranges: Mapping[str, ScoreRange] = {}
    single: bool = False
    broken: bool = False


class Scores:
    """All scores of a dataset, by step."""

    def __init__(self, names: Names, scored: Mapping[str, Scored]) -> None:
        self._names = names
        self._scored = scored

    def of(self, step: str) -> str:
        """The step whose candidates a step scores; empty if it is unknown."""
        found = self._scored.get(step)
        return found.of if found else ""

    def is_boolean(self, path: str) -> bool:
        """Whether a score, as `named` gives it, is true or false."""
        step, _, score = path.partition(".")
        return step in self._scored and score in self._scored[step].booleans

    def lower_is_better(self, path: str) -> bool:
        """Direction of a score, as `named` gives it."""
        step, _, score = path.partition(".")
        return step in self._scored and score in self._scored[step].lower

    def range_of(self, path: str) -> ScoreRange | None:
        """Range of a score, as `named` gives it; None where it is unknown."""
        step, _, score = path.partition(".")
        return self._scored[step].ranges.get(score) if step in self._scored else None

    def named(self, arg: Arg, *, own: str = "", of: str = "", comparable: bool = True) -> str | None:  # noqa: PLR0911 - each refusal returns where it is found
        """The score a path names, as `step.score`; None where there is none (reported).

        Args:
            arg: the path, or a bare aspect of the step itself.
            own: step of the path, if its own scores may be named.
            of: the step whose candidates must be scored.
            comparable: whether it must be a number or a boolean.
        """
        arg = arg.follow()
        if not isinstance(arg.value, Path):
            wrong_value("this", "a score", arg, "verdict.overall", self._names.report)
            return None
        parts = [part.text for part in arg.value.parts]
        if len(parts) == 1 and own in self._scored and parts[0] not in self._scored:
            parts = [own, parts[0]]
        step = self._step(parts[0], arg)
        if step is None:
            return None
        known = (*step.numbers, *(() if comparable else step.others))
        if step.broken:
            return None
        if len(parts) == 1:
            if comparable and "overall" not in known:
                notes = (f"name one of {', '.join(f'{parts[0]}.{name}' for name in known)}",)
                self._names.report.add("TAP416", f"`{parts[0]}` has no overall score", arg.place, notes=notes)
                return None
            parts.append("overall")
        aspect = ".".join(parts[1:])
        if aspect not in known:
            self._no_score(parts[0], aspect, step, known, arg)
            return None
        if of and step.of and step.of != of:
            message = f"`{parts[0]}` scores the candidates of `{step.of}`, not those of `{of}`"
            self._names.report.add("TAP417", message, arg.place)
            return None
        return f"{parts[0]}.{aspect}"

    def _step(self, name: str, arg: Arg) -> Scored | None:
        found = self._scored.get(name)
        if found is not None:
            return found
        kind = self._names.kinds.get(name)
        report = self._names.report
        if kind is None and self._names.is_broken(name):
            return None
        if kind is not None:
            labels = (arg.place, self._names.places[name].label(a(kind)))
            report.add("TAP112", f"`{name}` is {a(kind)} and gives no scores", *labels)
            return None
        better = did_you_mean(name, self._scored)
        steps = ", ".join(self._scored)
        notes = (f"did you mean `{better}`?",) if better else (f"scores come from {steps}",) if steps else ()
        report.add("TAP111", f"there is no step `{name}` that gives scores", arg.place, notes=notes)
        return None

    def _no_score(self, name: str, aspect: str, step: Scored, known: tuple[str, ...], arg: Arg) -> None:
        report = self._names.report
        if aspect in step.others:
            notes = (f"it can compare {', '.join(step.numbers)}",)
            report.add("TAP416", f"`{name}.{aspect}` cannot be compared: it is not a number", arg.place, notes=notes)
            return
        place = arg.place
        if isinstance(arg.value, Path) and len(arg.value.parts) > 1:
            place = type(place)(place.file, arg.value.parts[-1].span)
        unknown_word(f"`{name}` gives no score", aspect, known, place, report, code="TAP416")
