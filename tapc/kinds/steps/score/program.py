"""`score`: candidates scored by a reward model or by a program of the user."""

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Any, cast

import msgspec

from tapc.checks import NoJson, Subject, parse_json
from tapc.jobs import Draw, JobFactory, Message
from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.score.model import Score
from tapc.steps.acceptance import Acceptance, scores_of
from tapc.steps.compile_context import CompileContext
from tapc.steps.effects import Ask, Asker, Steps, gather
from tapc.steps.program import JobClass, SlotState
from tapc.steps.recipes import program_recipe, reward_recipe
from tapc.steps.results import Candidate, Generated, Judged, Rejection, ScoreValue, Short, StepResult, Verdict
from tapc.steps.sharing import shared_axes, slot_axes
from tapc.steps.texts import reason_of
from tapc.steps.views import VerdictView

_DIGITS = 9
"""Decimal digits kept of a score; enough to keep order, few enough to read. The stored reply keeps all."""

Reading = tuple[Fraction, str]
"""A score and its rationale."""


class Scorer(msgspec.Struct, frozen=True):
    """What is asked, and how the reply is read.

    Attributes:
        factory: makes the jobs.
        show: messages about a candidate of a slot.
        read: the reply's score; None where it is none.
    """

    factory: JobFactory
    show: Callable[[SlotState, Candidate], tuple[Message, ...]]
    read: Callable[[str], Reading | None]


class _Scored(msgspec.Struct, frozen=True):
    verdict: Verdict | None
    rejection: Rejection | None


async def _nothing() -> _Scored:
    """A candidate that this slot does not have."""
    return _Scored(None, None)


class ScoreProgram:
    """A score step, compiled; see `tapc.steps.StepProgram`."""

    def __init__(
        self, step: Score, scorer: Scorer, *, candidates: int, per: tuple[str, ...], acceptance: Acceptance
    ) -> None:
        self.name = step.name
        self.reads = step.reads()
        self.draws = None
        self.job_classes = (JobClass.of(scorer.factory, Fraction(candidates), 1, per),)
        self.most_candidates = candidates
        self._of = step.of
        self._scorer = scorer
        self._acceptance = acceptance
        self.decided_candidates = candidates if self._acceptance.ranked else 0

    def view(self, result: StepResult) -> Any:
        """One verdict, or the list of them."""
        if not isinstance(result, Judged):
            raise TypeError(f"{self.name} yields verdicts")
        views = [VerdictView(verdict) for verdict in result.verdicts]
        return views[0] if self.most_candidates == 1 else views

    async def run(self, slot: SlotState) -> StepResult | Short:
        """Score all candidates side by side; see `StepProgram.run`."""
        result = slot.results[self._of]
        if not isinstance(result, Generated):
            raise TypeError(f"{self.name} scores {self._of}, which yields no candidates")
        parts: list[Steps[_Scored]] = [self._score(slot, candidate) for candidate in result.candidates]
        parts.extend(_nothing() for _ in range(self.decided_candidates - len(parts)))
        found = await gather(parts)
        slot.rejections.extend(one.rejection for one in found if one.rejection is not None)
        verdicts = tuple(one.verdict for one in found if one.verdict is not None)
        if verdicts:
            return Judged(self._of, verdicts)
        reason = next((one.rejection.reason for one in found if one.rejection is not None), "no-candidates")
        return Short(self.name, reason, f"none of {len(result.candidates)} candidates")

    async def _score(self, slot: SlotState, candidate: Candidate) -> _Scored:
        # as with judges, the draw names no slot: equal texts have equal scores
        job = self._scorer.factory.job(self._scorer.show(slot, candidate), Draw(0, b"", 0, 0, 0))
        reply = await Ask(job)
        text = reply.texts[0] if reply.texts else ""
        read = self._scorer.read(text) if reply.outcome == "ok" else None
        if read is None:
            reason = "nonsense" if reply.outcome == "ok" else reason_of(reply)[0]
            return _Scored(None, self._rejection(candidate, reason, text[:200], job.key))
        verdict = Verdict(candidate.index, (("overall", read[0]),), read[1], (job.key,))

        def own(name: str) -> ScoreValue:
            return verdict.score(name)

        subject = Subject(candidate.text, candidate.fields, slot.axes, scores_of(slot, candidate.index, own, self.name))
        failure = await self._acceptance.alone(subject)
        if failure is None and self._acceptance.ranked:
            failure = await self._acceptance.beside_others(Asker(self.name, candidate.index, 0), subject, b"")
        if failure is None:
            return _Scored(verdict, None)
        return _Scored(None, self._rejection(candidate, *failure, candidate.key))

    def _rejection(self, candidate: Candidate, reason: str, detail: str, key: bytes) -> Rejection:
        return Rejection(self.name, candidate.index, 0, reason, detail, candidate.text, candidate.endpoint, key)


def read_reward(text: str) -> Reading | None:
    """Value of a reward as text, rounded to nine decimals; None where it is not a finite number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return (Fraction(round(Fraction(value) * 10**_DIGITS), 10**_DIGITS), "") if isfinite(value) else None


def read_program(text: str) -> Reading | None:
    """Value of a program's line: a JSON number or boolean, or an object with `score` and perhaps a `rationale`."""
    try:
        data = parse_json(text)
    except NoJson:
        return None
    rationale = ""
    if isinstance(data, dict):
        fields = cast("dict[str, Any]", data)
        data, said = fields.get("score"), fields.get("rationale")
        rationale = said if isinstance(said, str) else ""
    if not isinstance(data, bool | int | float):
        return None
    read = read_reward(str(float(data)) if abs(data) < 10**300 else "inf")
    return None if read is None else (read[0], rationale)


def _conversation(_: SlotState, candidate: Candidate) -> tuple[Message, ...]:
    """What a reward model reads: the whole conversation, the answer last."""
    return (*candidate.messages, Message("assistant", candidate.text))


def _row(slot: SlotState, candidate: Candidate) -> tuple[Message, ...]:
    """What a program reads: one JSON row."""
    row = {
        "prompt": candidate.messages,
        "completion": candidate.text,
        "fields": candidate.fields,
        "axes": dict(sorted(slot.axes.items())),
    }
    return (Message("user", msgspec.json.encode(row).decode()),)


def compile_step(step: Score, context: CompileContext) -> ScoreProgram:
    """Compile a score step; without the digest of a program's files its jobs can be counted, but match no reply."""
    if step.using is not None:
        recipe = reward_recipe(step=step.name, endpoint=context.dataset.endpoint(step.using), kind="pooling")
        scorer, shown = Scorer(JobFactory(recipe), _conversation, read_reward), ()
    else:
        recipe = program_recipe(step=step.name, command=step.run, digest=context.tools.programs.get(step.run, ""))
        scorer, shown = Scorer(JobFactory(recipe), _row, read_program), slot_axes(context.dataset)
    per = shared_axes(context.dataset, step.of, shown)
    return ScoreProgram(
        step,
        scorer,
        candidates=context.widths[step.of],
        per=per,
        acceptance=context.acceptance(step.name, step.require),
    )


RUNTIME = StepRuntime("score", compile_step)
