"""Each answer alone: one form a candidate and judge."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tapc.kinds.steps.judge.asking import Answer, ask_judge
from tapc.kinds.steps.judge.base import Findings, JudgeParts
from tapc.kinds.steps.judge.form import Form, Verdictlike, decode
from tapc.kinds.steps.judge.panel import agreement, combine
from tapc.kinds.steps.judge.prompt import Block
from tapc.kinds.steps.judge.scale import OVERALL
from tapc.steps.program import SlotState
from tapc.steps.results import Candidate, Rejection, ScoreValue, Verdict

_TASK = (
    "Judge the answer as a reply to the prompt. First write the rationale, two to four sentences that name what the "
    "answer does well or badly for each aspect; then give the scores that follow from it. Reply with one JSON object."
)


def schema(form: Form) -> bytes:
    """Schema of one reply."""
    return msgspec.json.encode(form.schema())


async def pointwise(parts: JudgeParts, slot: SlotState, candidates: Sequence[Candidate], sample: int) -> Findings:
    """Judge each candidate by every judge of the panel."""
    form = Form(parts.step.rubric, parts.scale)
    answers = await parts.together([_candidate(parts, form, slot, one, sample) for one in candidates])
    verdicts: list[Verdict | None] = []
    rejections: list[Rejection] = []
    for candidate, panel in zip(candidates, answers, strict=True):
        for answer in panel:
            rejections.extend(answer.rejections)
        verdicts.append(panel_verdict(parts, candidate, panel))
    return Findings(tuple(verdicts), tuple(rejections))


async def _candidate(
    parts: JudgeParts, form: Form, slot: SlotState, candidate: Candidate, sample: int
) -> list[Answer[Verdictlike]]:
    def read(text: str) -> Verdictlike:
        return form.read(decode(text))

    blocks = [*parts.material.blocks(slot, candidate), Block("answer", candidate.text)]
    messages = parts.prompt.messages(parts.material.names(slot, candidate), sample, blocks, _TASK)
    return await parts.together(
        [
            ask_judge(factory, messages, read, attempts=parts.step.attempts, candidate=candidate.index)
            for factory in parts.factories
        ]
    )


def panel_verdict(parts: JudgeParts, candidate: Candidate, panel: Sequence[Answer[Verdictlike]]) -> Verdict | None:
    """One verdict of those judges who gave one; None where no one did."""
    heard = [(answer.read, answer.key) for answer in panel if answer.read is not None]
    if not heard:
        return None
    members = [read.scores for read, _ in heard]
    scores: dict[str, ScoreValue] = {}
    for aspect in parts.scale.aspects:
        scores[aspect.name] = combine(parts.step.panel, [member[aspect.name] for member in members])
    overall = combine(parts.step.panel, [parts.scale.overall(member) for member in members])
    named: list[tuple[str, Any]] = [*scores.items(), (OVERALL, overall)]
    named.append(("agreement", agreement(parts.step.rubric.aspects, members)))
    rationale = "\n\n".join(read.rationale for read, _ in heard)
    return Verdict(candidate.index, tuple(named), rationale, tuple(key for _, key in heard))
