"""What all modes of judging share."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from tapc.checks import Subject
from tapc.jobs import JobFactory
from tapc.kinds.steps.judge.material import Material
from tapc.kinds.steps.judge.model import Judge
from tapc.kinds.steps.judge.prompt import JudgePrompt
from tapc.kinds.steps.judge.scale import Scale
from tapc.steps.acceptance import Acceptance, Failure, scores_of
from tapc.steps.context import StepTools
from tapc.steps.effects import Asker, Steps, gather
from tapc.steps.program import JobClass, SlotState
from tapc.steps.results import Candidate, Generated, Judged, Rejection, ScoreValue, Short, StepResult, Verdict
from tapc.steps.views import VerdictView

T = TypeVar("T")


class Findings(msgspec.Struct, frozen=True):
    """What a mode found out about a slot's candidates.

    Attributes:
        verdicts: parallel to the candidates, None where none could be had.
        rejections: replies that could not be read, in a fixed order.
    """

    verdicts: tuple[Verdict | None, ...]
    rejections: tuple[Rejection, ...]


class JudgeParts:
    """Compiled parts of a judge step that its mode works with."""

    def __init__(self, step: Judge, factories: tuple[JobFactory, ...], tools: StepTools, *, ranked: bool) -> None:
        self.step = step
        self.factories = factories
        self.scale = Scale(step.rubric)
        self.prompt = JudgePrompt(step.system, step.rubric)
        self.material = Material(step, tools.draws)
        self._ranked = ranked

    async def together(self, parts: list[Steps[T]]) -> list[T]:
        """Await all; one after the other where ranked checks follow, since a step may then gather only for them."""
        if self._ranked:
            return [await part for part in parts]
        return await gather(parts)


Mode = Callable[[JudgeParts, SlotState, Sequence[Candidate], int], Steps[Findings]]
"""Judges candidates; the last argument is the slot's seed for `sample`."""


class JudgeProgram:
    """A judge step, compiled; see `tapc.steps.StepProgram`."""

    def __init__(
        self,
        parts: JudgeParts,
        mode: Mode,
        acceptance: Acceptance,
        *,
        requests: int,
        candidates: int,
        per: tuple[str, ...],
        sample: Callable[[SlotState], int],
    ) -> None:
        """Compile a step.

        Args:
            parts: see there.
            mode: pointwise, listwise or pairwise.
            acceptance: the step's checks.
            requests: requests of one judge per slot, or per combination.
            candidates: most candidates of the judged step.
            per: axes; see `shared_axes`.
            sample: gives a slot's seed for `sample`.
        """
        step = parts.step
        self.name = step.name
        self.reads = step.reads()
        self.draws = None
        self._parts = parts
        self._mode = mode
        self._sample = sample
        self._acceptance = acceptance
        self.most_candidates = candidates
        self.decided_candidates = candidates if acceptance.ranked else 0
        self.job_classes = tuple(JobClass.of(f, Fraction(requests), step.attempts, per) for f in parts.factories)

    def view(self, result: StepResult) -> Any:
        """One verdict, or the list of them."""
        if not isinstance(result, Judged):
            raise TypeError(f"{self.name} yields verdicts")
        views = [VerdictView(verdict) for verdict in result.verdicts]
        return views[0] if self.most_candidates == 1 else views

    async def run(self, slot: SlotState) -> StepResult | Short:
        """Judge all candidates; see `StepProgram.run`."""
        of = self._parts.step.of
        result = slot.results[of]
        if not isinstance(result, Generated):
            raise TypeError(f"{self.name} judges {of}, which yields no candidates")
        candidates = result.candidates
        findings = await self._mode(self._parts, slot, candidates, self._sample(slot))
        failures = await self._failures(slot, candidates, findings.verdicts)
        slot.rejections.extend(findings.rejections)
        accepted: list[Verdict] = []
        for candidate, verdict, failure in zip(candidates, findings.verdicts, failures, strict=True):
            if verdict is not None and failure is None:
                accepted.append(verdict)
            else:
                slot.rejections.append(self._rejection(candidate, failure or ("missing-verdict", "")))
        if accepted:
            return Judged(of, tuple(accepted))
        reason = slot.rejections[-1].reason if candidates else "no-candidates"
        return Short(self.name, reason, f"none of {len(candidates)} candidates")

    async def _failures(
        self, slot: SlotState, candidates: Sequence[Candidate], verdicts: Sequence[Verdict | None]
    ) -> list[Failure | None]:
        if self._acceptance.empty:
            return [None] * len(candidates)
        pairs = zip(candidates, verdicts, strict=True)
        if not self._acceptance.ranked:
            return [await self._failure(slot, one, verdict) for one, verdict in pairs]
        parts: list[Steps[Failure | None]] = [self._failure(slot, one, verdict) for one, verdict in pairs]
        parts.extend(_nothing() for _ in range(self.decided_candidates - len(parts)))
        return (await gather(parts))[: len(candidates)]

    async def _failure(self, slot: SlotState, candidate: Candidate, verdict: Verdict | None) -> Failure | None:
        if verdict is None:
            return None

        def own(name: str) -> ScoreValue:
            return verdict.score(name)

        subject = Subject(candidate.text, candidate.fields, slot.axes, scores_of(slot, candidate.index, own, self.name))
        failure = await self._acceptance.alone(subject)
        if failure is None and self._acceptance.ranked:
            failure = await self._acceptance.beside_others(Asker(self.name, candidate.index, 0), subject, b"")
        return failure

    def _rejection(self, candidate: Candidate, failure: Failure) -> Rejection:
        reason, detail = failure
        return Rejection(
            self.name, candidate.index, 0, reason, detail, candidate.text, candidate.endpoint, candidate.key
        )


async def _nothing() -> Failure | None:
    """A candidate that this slot does not have."""
    return None
