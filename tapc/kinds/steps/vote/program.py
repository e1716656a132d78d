"""`vote`: majority over candidates after extracting an answer."""

from collections import Counter
from fractions import Fraction
from typing import Any

from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.vote.model import Vote
from tapc.steps.answers import extractor, same
from tapc.steps.compile_context import CompileContext
from tapc.steps.program import JobClass, SlotState
from tapc.steps.results import Candidate, Generated, Judged, Rejection, ScoreValue, Short, StepResult, Verdict
from tapc.steps.views import VerdictView


class VoteProgram:
    """A vote step, compiled; see `tapc.steps.StepProgram`. It asks nothing.

    Each candidate with an answer gets the scores `answer`, `majority` (the same for all), `agreement` (the share of the
    candidates asked that gave the most frequent answer), `count` (their number) and `overall` (whether it is with the
    majority). Without a majority, `majority` and `overall` are missing.
    """

    def __init__(self, step: Vote) -> None:
        self.name = step.name
        self.reads = step.reads()
        self.draws = None
        self.job_classes: tuple[JobClass, ...] = ()
        self.decided_candidates = 0
        self.most_candidates = 0
        self._step = step
        self._of = step.of
        self._extract = extractor(step.extract, step.argument or "")

    def view(self, result: StepResult) -> Any:
        """`majority` and `agreement`; all verdicts hold the same."""
        if not isinstance(result, Judged):
            raise TypeError(f"{self.name} yields verdicts")
        return VerdictView(result.verdicts[0])

    async def run(self, slot: SlotState) -> StepResult | Short:
        """Count votes; see `StepProgram.run`."""
        result = slot.results[self._of]
        if not isinstance(result, Generated):
            raise TypeError(f"{self.name} counts {self._of}, which yields no candidates")
        asked = {r.candidate for r in slot.rejections if r.step == self._of} | {c.index for c in result.candidates}
        answers: list[tuple[Candidate, str]] = []
        for candidate in result.candidates:
            answer = self._extract(candidate)
            if answer:
                answers.append((candidate, answer))
            else:
                text, by = candidate.text, candidate.endpoint
                slot.rejections.append(
                    Rejection(self.name, candidate.index, 0, "no-answer", "", text, by, candidate.key)
                )
        if not answers:
            return Short(self.name, "no-answer", f"none of {len(result.candidates)} candidates")
        # most_common keeps the order of first appearance between equals, so the lowest index is the first of them
        ranked = Counter(same(answer) for _, answer in answers).most_common(2)
        winner, votes = ranked[0]
        tied = len(ranked) > 1 and ranked[1][1] == votes and self._step.ties is None
        won = self._step.wins(votes, len(asked)) and not tied
        if not won and self._step.needed:
            told = f"{votes} of {len(asked)} candidates agree" + (", and as many on another answer" if tied else "")
            first = next(candidate for candidate, answer in answers if same(answer) == winner)
            slot.rejections.append(
                Rejection(self.name, first.index, 0, "no-majority", told, first.text, first.endpoint, first.key)
            )
            return Short(self.name, "no-majority", told)
        majority = next(answer for _, answer in answers if same(answer) == winner) if won else None
        verdicts: list[Verdict] = []
        for candidate, answer in answers:
            scores: tuple[tuple[str, ScoreValue], ...] = (
                ("answer", answer),
                ("majority", majority),
                ("agreement", Fraction(votes, len(asked))),
                ("count", Fraction(votes)),
                ("overall", same(answer) == winner if won else None),
            )
            verdicts.append(Verdict(candidate.index, scores, keys=(candidate.key,) if candidate.key else ()))
        return Judged(self._of, tuple(verdicts))


def compile_step(step: Vote, context: CompileContext) -> VoteProgram:  # noqa: ARG001 - what every step is given
    """Compile a vote step."""
    return VoteProgram(step)


RUNTIME = StepRuntime("vote", compile_step)
