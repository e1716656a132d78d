"""`pair`: chosen and rejected among a step's candidates."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tapc.ir import Dataset
from tapc.jobs import Message
from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.pair.model import Pair
from tapc.steps.compile_context import CompileContext
from tapc.steps.identity import ticket
from tapc.steps.program import JobClass, SlotState
from tapc.steps.results import Candidate, Chosen, Generated, Judged, Paired, Rejection, Short, StepResult


class Ranked(msgspec.Struct, frozen=True):
    """A candidate with its scores turned so that more is better, in the order of `by`; `first` is as it was given."""

    candidate: Candidate
    marks: tuple[Fraction, ...]
    first: Fraction


class PairProgram:
    """A pair step, compiled; see `tapc.steps.StepProgram`. It asks nothing."""

    def __init__(self, step: Pair, *, seed: int, lower: Mapping[str, bool]) -> None:
        """Compile a step.

        Args:
            step: model of the IR.
            seed: seed of the dataset, for `random`.
            lower: for each score of `by`, whether lower is better.
        """
        self.name = step.name
        self.reads = step.reads()
        self.draws = None
        self.job_classes: tuple[JobClass, ...] = ()
        self.decided_candidates = 0
        self.most_candidates = 0
        self._step = step
        self._seed = seed
        self._lower = tuple(lower.get(name, False) for name in step.by)

    def view(self, result: StepResult) -> Any:
        """Pairs are for outputs; templates see the indexes."""
        if not isinstance(result, Paired):
            raise TypeError(f"{self.name} yields pairs")
        return [(pair.chosen, pair.rejected) for pair in result.pairs]

    async def run(self, slot: SlotState) -> StepResult | Short:
        """Choose; see `StepProgram.run`."""
        result = slot.results[self._step.of]
        if not isinstance(result, Generated):
            raise TypeError(f"{self.name} pairs {self._step.of}, which yields no candidates")
        ranked = [found for one in result.candidates if (found := self._ranked(slot, one)) is not None]
        pairs: list[Chosen] = []
        failures: list[Rejection] = []
        for group in self._groups(ranked):
            self._pair(slot, group, pairs, failures)
        slot.rejections.extend(failures)
        if pairs:
            return Paired(self._step.of, tuple(pairs))
        if len(ranked) < 2:
            detail = f"{len(ranked)} of {len(result.candidates)} candidates have scores"
            failures = [Rejection(self.name, 0, 0, "missing-score", detail, "")]
            slot.rejections.extend(failures)
        elif not failures:
            failures = [Rejection(self.name, 0, 0, "no-pair", "no two candidates may be paired", "")]
            slot.rejections.extend(failures)
        return Short(self.name, failures[0].reason, failures[0].detail)

    def _groups(self, ranked: Sequence[Ranked]) -> list[list[Ranked]]:
        """Candidates that may be paired at all: they answer the same prompt, `system` apart, with the same `within`."""
        by_endpoint = self._step.within == "endpoint"
        drawn = self._step.within_drawn or ()
        groups: dict[tuple[int, str, tuple[str | None, ...], tuple[Message, ...]], list[Ranked]] = {}
        for one in ranked:
            answered = one.candidate
            prompt = tuple(message for message in answered.messages if message.role != "system")
            known = dict(answered.drawn) if drawn else {}
            shared = tuple(known.get(mix) for mix in drawn)
            key = (answered.parent, answered.endpoint if by_endpoint else "", shared, prompt)
            groups.setdefault(key, []).append(one)
        return list(groups.values())

    def _ranked(self, slot: SlotState, candidate: Candidate) -> Ranked | None:
        marks: list[Fraction] = []
        first = Fraction(0)
        for position, (name, lower) in enumerate(zip(self._step.by, self._lower, strict=True)):
            step, _, score = name.partition(".")
            judged = slot.results.get(step)
            value = judged.score(candidate.index, score or "overall") if isinstance(judged, Judged) else None
            if isinstance(value, bool):
                value = Fraction(int(value))
            if not isinstance(value, Fraction):
                return None
            if position == 0:
                first = value
            marks.append(-value if lower else value)
        return Ranked(candidate, tuple(marks), first)

    def _pair(self, slot: SlotState, group: Sequence[Ranked], pairs: list[Chosen], failures: list[Rejection]) -> None:
        """Pair within one group; appends pairs, and the sides of those that are none with the reason."""
        step = self._step
        # best first; equal marks by index, so that the order is total
        ordered = sorted(group, key=lambda one: (*(-mark for mark in one.marks), one.candidate.index))
        if step.all:
            tried = [(a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :] if self._sides(a, b)]
        else:
            one = self._one(slot, ordered)
            tried = [one] if one is not None else []
        for chosen, rejected in tried:
            problem = self._problem(chosen, rejected)
            if problem is None:
                margin = abs(chosen.first - rejected.first)
                pairs.append(Chosen(chosen.candidate.index, rejected.candidate.index, margin))
            else:
                reason, detail = problem
                beside = f"{detail}; beside candidate {chosen.candidate.index}"
                side = rejected.candidate
                failures.append(Rejection(self.name, side.index, 0, reason, beside, side.text, side.endpoint, side.key))

    def _sides(self, chosen: Ranked, rejected: Ranked) -> bool:
        """Whether endpoints named by the spec allow the sides."""
        step = self._step
        if step.chosen == "endpoint" and chosen.candidate.endpoint != step.chosen_of:
            return False
        return step.rejected != "endpoint" or rejected.candidate.endpoint == step.rejected_of

    def _one(self, slot: SlotState, ordered: Sequence[Ranked]) -> tuple[Ranked, Ranked] | None:
        """The one pair of a group, best first."""
        step = self._step
        best = next((c for c in ordered if step.chosen == "best" or c.candidate.endpoint == step.chosen_of), None)
        if best is None:
            return None
        others = [one for one in ordered if one is not best]
        if step.rejected == "endpoint":
            others = [one for one in others if one.candidate.endpoint == step.rejected_of]
        if not others:
            return None
        able = [one for one in others if self._problem(best, one) is None]
        # without any that may be paired, the worst says why
        return best, self._rejected(slot, able) if able else others[-1]

    def _rejected(self, slot: SlotState, able: Sequence[Ranked]) -> Ranked:
        """The rejected one of the candidates that may be paired with the chosen one, ordered best first."""
        step = self._step
        if step.rejected == "random":
            source = slot.key.drawn
            return min(
                able, key=lambda one: ticket(b"random", self._seed, source, one.candidate.key, one.candidate.index)
            )
        if step.rejected == "quantile":
            # 0 is the worst and 1 the best of them, to the nearest place
            return able[len(able) - 1 - int(Fraction(step.rejected_of or "0") * (len(able) - 1) + Fraction(1, 2))]
        return able[-1]

    def _problem(self, chosen: Ranked, rejected: Ranked) -> tuple[str, str] | None:
        """Why two candidates do not form a pair."""
        step = self._step
        if chosen.marks == rejected.marks and chosen.marks:
            return "tie", f"both score {', '.join(str(abs(mark)) for mark in chosen.marks)}"
        if chosen.candidate.text == rejected.candidate.text:
            return "equal-texts", "both candidates say the same"
        if chosen.marks < rejected.marks:
            return "wrong-way", f"{step.chosen_of or 'chosen'} scores worse than {step.rejected_of or 'rejected'}"
        if step.chosen_at_least is not None and not self._reaches(chosen.first, step.chosen_at_least):
            return "chosen-too-weak", f"chosen scores {chosen.first}, {step.chosen_at_least} needed"
        return self._margin(chosen.marks[0] - rejected.marks[0] if chosen.marks else Fraction(0))

    def _margin(self, margin: Fraction) -> tuple[str, str] | None:
        step = self._step
        if step.margin is not None and margin < step.margin:
            return "margin", f"margin {margin}, at least {step.margin} needed"
        if step.margin_at_most is not None and margin > step.margin_at_most:
            return "margin", f"margin {margin}, at most {step.margin_at_most} wanted"
        return None

    def _reaches(self, value: Fraction, bound: Fraction) -> bool:
        return value <= bound if self._lower and self._lower[0] else value >= bound


def compile_step(step: Pair, context: CompileContext) -> PairProgram:
    """Compile a pair step."""
    return PairProgram(step, seed=context.dataset.seed, lower={name: _lower(context.dataset, name) for name in step.by})


def _lower(dataset: Dataset, score: str) -> bool:
    """Whether less is better."""
    owner, _, name = score.partition(".")
    return dataset.step(owner).lower_is_better(name or "overall")


RUNTIME = StepRuntime("pair", compile_step)
