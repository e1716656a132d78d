"""Expectations over what a run has written: figures are added up slot by slot, exactly, and compared at the end.

Memory grows with the expectations, and with the values of axes that they name, never with the samples.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import msgspec

from tapc.ir import Dataset, Expectation, Verified
from tapc.outputs.manifest import ExpectationEntry, FileEntry, Samples
from tapc.outputs.tally import ModelUse
from tapc.rows import RowContext
from tapc.rows.common import candidate, completion
from tapc.semantics.show.expectations import amount, written
from tapc.steps import Generated, Judged, Paired, ScoreValue, SlotState

_Figures = dict[str, Fraction]


class Whole(msgspec.Struct, frozen=True):
    """What is known once all slots are there.

    Attributes:
        samples: planned and accepted.
        models: distinct replies, tokens and cost, by model.
        files: data files, each with its config, split and rows.
    """

    samples: Samples
    models: Sequence[ModelUse]
    files: Sequence[tuple[str, str, FileEntry]]


class _Scores:
    """Sum, number, lowest and highest of some scores."""

    __slots__ = ("count", "highest", "lowest", "total")

    def __init__(self) -> None:
        self.total = self.lowest = self.highest = Fraction(0)
        self.count = 0

    def add(self, score: Fraction) -> None:
        self.total += score
        self.lowest = min(self.lowest, score) if self.count else score
        self.highest = max(self.highest, score) if self.count else score
        self.count += 1

    def figure(self, measure: str) -> Fraction:
        """The mean, or an end; there is at least one score."""
        if measure == "mean":
            return self.total / self.count
        return self.lowest if measure == "min" else self.highest


class _Pairs:
    """The two sides of the pairs of one config, as its rows have them."""

    def __init__(self) -> None:
        self.pairs = 0
        self.characters = [0, 0]
        self.longer = 0
        self.authors: Counter[str] = Counter()

    def add(self, slot: SlotState, paired: Paired, context: RowContext) -> None:
        for pair in paired.pairs:
            chosen, rejected = (candidate(slot, paired.of, index) for index in (pair.chosen, pair.rejected))
            sizes = [len(completion(side, context)["content"]) for side in (chosen, rejected)]
            self.pairs += 1
            self.longer += sizes[0] > sizes[1]
            self.authors[chosen.endpoint] += 1
            for side, size in enumerate(sizes):
                self.characters[side] += size

    def figure(self, measure: str, of: tuple[str, ...]) -> Fraction | None:
        """A figure of a config with pairs; None if the rejected answers are empty."""
        if measure == "length_gap":
            chosen, rejected = self.characters
            return Fraction(chosen - rejected, rejected) if rejected else None
        return Fraction(self.longer if measure == "chosen_longer" else self.authors[of[0]], self.pairs)


class ExpectationTally:
    """Adds up what the expectations of a dataset are about.

    Args:
        dataset: the IR.
        contexts: its configs.
    """

    def __init__(self, dataset: Dataset, contexts: Sequence[RowContext]) -> None:
        self._dataset = dataset
        self._given = dataset.expectations or ()
        named = {one.measure for one in self._given}
        self._axes = sorted({one.of[0] for one in self._given if one.measure in ("every", "share")})
        self._counts: dict[str, Counter[str]] = {axis: Counter() for axis in self._axes}
        self._scored = {(one.of, one.per) for one in self._given if one.measure in ("mean", "min", "max")}
        self._scores: dict[tuple[tuple[str, ...], str | None], dict[str, _Scores]] = {
            place: defaultdict(_Scores) for place in self._scored
        }
        paired = {step.name for step in dataset.steps if step.paired()}
        wanted = bool(named & {"length_gap", "chosen_longer", "chosen_from"})
        self._pairs = {
            context.emit.name: (context, _Pairs())
            for context in contexts
            if wanted and context.emit.pairs_answers() and context.emit.source in paired
        }
        self._rejecting = {one.of[0] for one in self._given if one.measure == "rejected"}
        self._rejected: Counter[str] = Counter()
        self._made: Counter[str] = Counter()

    def add(self, slot: SlotState, *, accepted: bool) -> None:
        """Take a finished slot."""
        for step in self._rejecting:
            self._made[step] += _size(slot, step)
            self._rejected[step] += sum(rejection.step == step for rejection in slot.rejections)
        if not accepted:
            return
        for axis in self._axes:
            self._counts[axis][slot.axes[axis]] += 1
        for (of, per), found in self._scores.items():
            into = found[slot.axes[per] if per else ""]
            for score in _scores(slot, *of):
                into.add(score)
        for context, pairs in self._pairs.values():
            paired = slot.results.get(context.emit.source or "")
            if isinstance(paired, Paired):
                pairs.add(slot, paired, context)

    def verify(self, whole: Whole) -> list[Verified]:
        """Compare every expectation with its figures."""
        return [one.judge(self._figures(one, whole)) for one in self._given]

    def _figures(self, one: Expectation, whole: Whole) -> _Figures:
        samples, models = whole.samples, whole.models
        measures: dict[str, Callable[[], _Figures]] = {
            "samples": lambda: _one(samples.accepted),
            "cost": lambda: _one(sum(use.cost for use in models)),
            "tokens": lambda: _one(sum(use.input + use.output for use in models)),
            "requests": lambda: _one(sum(use.replies for use in models)),
            "rows": lambda: _one(_rows(one, whole.files)),
            "every": lambda: self._every(one, samples),
            "share": lambda: self._share(one, samples),
            "short": lambda: _one(samples.short, samples.planned if one.unit == "share" else 1),
            "rejected": lambda: self._of_step(one.of[0]),
            **dict.fromkeys(("mean", "min", "max"), lambda: self._of_scores(one)),
            **dict.fromkeys(("length_gap", "chosen_longer", "chosen_from"), lambda: dict(self._of_pairs(one))),
        }
        return measures[one.measure]()

    def _every(self, one: Expectation, samples: Samples) -> _Figures:
        (axis,) = one.of
        whole = max(1, samples.accepted) if one.unit == "share" else 1
        return {name: Fraction(self._counts[axis][name], whole) for name in self._dataset.space.ends(axis)}

    def _share(self, one: Expectation, samples: Samples) -> _Figures:
        axis, path = one.of[0], ".".join(one.of[1:])
        inside = sum(n for name, n in self._counts[axis].items() if name == path or name.startswith(f"{path}."))
        return _one(inside, samples.accepted)

    def _of_step(self, step: str) -> _Figures:
        return _one(self._rejected[step], self._made[step] + self._rejected[step])

    def _of_scores(self, one: Expectation) -> _Figures:
        found = self._scores[one.of, one.per]
        return {value: scores.figure(one.measure) for value, scores in found.items() if scores.count}

    def _of_pairs(self, one: Expectation) -> Iterator[tuple[str, Fraction]]:
        several = len(self._pairs) > 1
        for config, (_, pairs) in self._pairs.items():
            if one.config in (None, config) and pairs.pairs:
                figure = pairs.figure(one.measure, one.of)
                if figure is not None:
                    yield (config if several else "", figure)


def _one(count: int, of: int = 1) -> _Figures:
    """One figure of the whole; none if it would be a share of nothing."""
    return {"": Fraction(count, of)} if of else {}


def _rows(one: Expectation, files: Sequence[tuple[str, str, FileEntry]]) -> int:
    config, *split = one.of
    return sum(
        file.rows for its_config, its_split, file in files if its_config == config and split in ([], [its_split])
    )


def _size(slot: SlotState, step: str) -> int:
    """How much a step made of a slot."""
    result = slot.results.get(step)
    if isinstance(result, Generated):
        return len(result.candidates)
    if isinstance(result, Judged):
        return len(result.verdicts)
    return len(result.pairs) if isinstance(result, Paired) else 0


def _scores(slot: SlotState, step: str, score: str) -> Iterator[Fraction]:
    """Scores of the candidates of a slot as numbers; those that are missing are left out."""
    result = slot.results.get(step)
    if isinstance(result, Judged):
        for verdict in result.verdicts:
            value: ScoreValue = verdict.score(score)
            if isinstance(value, bool | Fraction):
                yield Fraction(value)


def entries(found: Sequence[Verified]) -> list[ExpectationEntry]:
    """Expectations as the manifest has them."""

    def exact(value: Fraction | None) -> str | None:
        return None if value is None else str(value)

    return [
        ExpectationEntry(
            expectation=written(one),
            measure=one.measure,
            of=list(one.of),
            per=one.per,
            config=one.config,
            unit=one.unit,
            minimum=exact(one.minimum),
            maximum=exact(one.maximum),
            exclusive=bool(one.exclusive),
            value=exact(verified.value),
            shown=amount(verified),
            where=verified.where,
            holds=bool(verified.holds),
        )
        for verified in found
        for one in (verified.expectation,)
    ]
