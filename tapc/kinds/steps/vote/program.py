"""`vote`: majority over candidates after extracting an answer."""

from collections import Counter, deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import regex

from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.vote.model import Vote
from tapc.steps.compile_context import CompileContext
from tapc.steps.program import JobClass, SlotState
from tapc.steps.results import Candidate, Generated, Judged, Rejection, ScoreValue, Short, StepResult, Verdict
from tapc.steps.views import VerdictView

_SECONDS = 0.25
"""Most time a pattern of the spec may take on one text; one that takes longer finds nothing."""

_NUMBER = regex.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40}|/0*[1-9][0-9]{0,20})?")
"""No exponents: `1e999999999` is a short way to fill the memory."""

_BOXED = "\\boxed{"


class VoteProgram:
    """A vote step, compiled; see `tapc.steps.StepProgram`. It asks nothing.

    Each candidate with an answer gets the scores `answer`, `majority` (the same for all), `agreement` (share of those
    with an answer who gave the majority's) and `overall` (whether it is with the majority).
    """

    def __init__(self, step: Vote) -> None:
        self.name = step.name
        self.reads = step.reads()
        self.draws = None
        self.job_classes: tuple[JobClass, ...] = ()
        self.decided_candidates = 0
        self.most_candidates = 0
        self._of = step.of
        self._extract = _extractor(step)

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
        # most_common keeps the order of first appearance between equals, so the lowest index decides a draw
        winner, votes = Counter(same(answer) for _, answer in answers).most_common(1)[0]
        majority = next(answer for _, answer in answers if same(answer) == winner)
        agreement = Fraction(votes, len(answers))
        verdicts: list[Verdict] = []
        for candidate, answer in answers:
            scores: tuple[tuple[str, ScoreValue], ...] = (
                ("answer", answer),
                ("majority", majority),
                ("agreement", agreement),
                ("overall", same(answer) == winner),
            )
            verdicts.append(Verdict(candidate.index, scores, keys=(candidate.key,) if candidate.key else ()))
        return Judged(self._of, tuple(verdicts))


def same(answer: str) -> str | Fraction:
    """What two answers have in common where they are equal: numbers by value, texts without case and spacing."""
    plain = answer.strip().strip("$").rstrip(".").strip()
    number = plain.replace(",", "").replace(" ", "")
    if _NUMBER.fullmatch(number):
        return Fraction(number)
    return " ".join(plain.casefold().split())


def boxed(text: str) -> str | None:
    r"""Content of the last `\boxed{…}` with balanced braces."""
    start = text.rfind(_BOXED)
    if start < 0:
        return None
    depth = 1
    for place in range(start + len(_BOXED), len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + len(_BOXED) : place].strip()
    return None


def _extractor(step: Vote) -> Callable[[Candidate], str | None]:
    if step.extract == "boxed":
        return lambda candidate: boxed(candidate.text)
    if step.extract == "field":
        return lambda candidate: _field(candidate, step.argument or "")
    pattern = regex.compile(step.argument or "")

    def last(candidate: Candidate) -> str | None:
        try:
            found = deque(pattern.finditer(candidate.text, timeout=_SECONDS), maxlen=1)
        except TimeoutError:
            return None
        return (found[0][1] if pattern.groups else found[0][0] or "").strip() if found else None

    return last


def _field(candidate: Candidate, path: str) -> str | None:
    value: Any = candidate.fields
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = cast("dict[str, Any]", value)[part]
    return value.strip() if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def compile_step(step: Vote, context: CompileContext) -> VoteProgram:  # noqa: ARG001 - what every step is given
    """Compile a vote step."""
    return VoteProgram(step)


RUNTIME = StepRuntime("vote", compile_step)
