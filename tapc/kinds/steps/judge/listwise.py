"""All answers in one reading, in an order that follows from their texts."""

import hashlib
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from tapc.kinds.steps.judge.asking import Answer, ask_judge
from tapc.kinds.steps.judge.base import Findings, JudgeParts
from tapc.kinds.steps.judge.form import Form, Nonsense, Verdictlike, closed, decode, members
from tapc.kinds.steps.judge.pointwise import panel_verdict
from tapc.kinds.steps.judge.prompt import Block
from tapc.steps.program import SlotState
from tapc.steps.results import Candidate, Rejection

_TASK = (
    "Judge each of the {count} answers as a reply to the prompt. They stand in no particular order, and each is judged "
    "on its own merits. Give one entry in `verdicts` for every answer, `answer` being its number: first the rationale, "
    "two to four sentences that name what the answer does well or badly for each aspect, then the scores that follow "
    "from it. Reply with one JSON object."
)

_NUMBER = "answer"


def schema(form: Form) -> bytes:
    """Schema of one reply: a list, so that it serves any number of answers."""
    entry = form.schema()
    entry = closed({_NUMBER: {"type": "integer", "minimum": 1}} | entry["properties"])
    return msgspec.json.encode(closed({"verdicts": {"type": "array", "items": entry}}))


async def listwise(parts: JudgeParts, slot: SlotState, candidates: Sequence[Candidate], sample: int) -> Findings:
    """Judge all candidates at once by every judge of the panel."""
    if not candidates:
        return Findings((), ())
    form = Form(parts.step.rubric, parts.scale)
    material = parts.material.blocks(slot, candidates[0])
    shown = shuffled(material, candidates)
    blocks = [*material, *(Block(f"answer-{i}", one.text) for i, one in enumerate(shown, 1))]
    names = parts.material.names(slot, candidates[0])
    messages = parts.prompt.messages(names, sample, blocks, _TASK.format(count=len(shown)))

    def read(text: str) -> dict[int, Verdictlike]:
        return _read(form, text, shown)

    panel = await parts.together(
        [
            ask_judge(factory, messages, read, attempts=parts.step.attempts, candidate=candidates[0].index)
            for factory in parts.factories
        ]
    )
    rejections: list[Rejection] = [rejection for answer in panel for rejection in answer.rejections]
    verdicts = [
        panel_verdict(parts, one, [Answer(a.read[one.index] if a.read else None, a.key, ()) for a in panel])
        for one in candidates
    ]
    return Findings(tuple(verdicts), tuple(rejections))


def shuffled(material: Sequence[Block], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Order answers by a hash of prompt and answer: fair between authors, and the same wherever they are judged."""
    head = hashlib.blake2b(msgspec.msgpack.encode(material), digest_size=16)

    def place(candidate: Candidate) -> tuple[bytes, int]:
        state = head.copy()
        state.update(candidate.text.encode("utf-8", "surrogatepass"))
        return state.digest(), candidate.index

    return sorted(candidates, key=place)


def _read(form: Form, text: str, shown: Sequence[Candidate]) -> dict[int, Verdictlike]:
    """Verdicts by candidate index; every answer exactly once."""
    entries: Any = members(decode(text), ("verdicts",))["verdicts"]
    if not isinstance(entries, list):
        raise Nonsense("verdicts is not a list")
    found: dict[int, Verdictlike] = {}
    for entry in cast("list[Any]", entries):
        if not isinstance(entry, dict):
            raise Nonsense("a verdict is not an object")
        fields: dict[str, Any] = dict(cast("dict[str, Any]", entry))
        number = fields.pop(_NUMBER, None)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(shown):
            raise Nonsense(f"there is no answer {number!r}")
        index = shown[number - 1].index
        if index in found:
            raise Nonsense(f"answer {number} is judged twice")
        found[index] = form.read(fields)
    if len(found) != len(shown):
        raise Nonsense(f"{len(found)} of {len(shown)} answers are judged")
    return found
