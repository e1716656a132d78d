"""What a judge sees in addition to the answers: the prompt and what the spec gives it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tapc.jobs import Message
from tapc.kinds.steps.judge.model import Judge
from tapc.kinds.steps.judge.prompt import Block
from tapc.steps.context import CandidateDraws
from tapc.steps.program import SlotState
from tapc.steps.results import Candidate, Generated
from tapc.steps.views import TextView


class Material:
    """Finds the judged prompt and the given texts of a judge step."""

    def __init__(self, step: Judge, draws: CandidateDraws | None) -> None:
        self._step = step
        self._draws = draws

    def names(self, slot: SlotState, candidate: Candidate) -> Mapping[str, Any]:
        """What rubric templates see: the slot's names, the judged candidate and what it drew."""
        names = {**slot.names, self._step.of: TextView(candidate)}
        if self._draws is not None:
            names.update((mix, self._draws.view(mix, value)) for mix, value in candidate.drawn)
        return names

    def blocks(self, slot: SlotState, candidate: Candidate) -> list[Block]:
        """Prompt and given texts, fenced."""
        step = self._step
        if step.prompt_of is None:
            asked = conversation(candidate.messages)
            found = [Block("prompt", asked)] if asked else []
        else:
            found = [Block("prompt", text) for text in self._texts(slot, candidate, step.prompt_of)]
        for name in step.given:
            found.extend(Block(_tag(name), text) for text in self._texts(slot, candidate, name))
        return found

    def _texts(self, slot: SlotState, candidate: Candidate, name: str) -> list[str]:
        head, _, attribute = name.partition(".")
        result = slot.results.get(head)
        if not isinstance(result, Generated):
            view = slot.names[head]
            return [str(getattr(view, attribute) if attribute else view)]
        chosen: Sequence[Candidate] = result.candidates
        own = [one for one in chosen if one.index == candidate.parent and candidate.parent >= 0]
        views = [TextView(one) for one in (own or chosen)]
        return [str(getattr(view, attribute) if attribute else view) for view in views]


def conversation(messages: Sequence[Message]) -> str:
    """Messages without `system`: the text of a single one, else each under its role."""
    turns = [message for message in messages if message.role != "system"]
    if len(turns) == 1:
        return turns[0].content
    return "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in turns)


def _tag(name: str) -> str:
    """A fence tag for a given name; fences hold names of any script, spaces and dots would look like attributes."""
    return "given-" + "-".join(name.replace(".", " ").split())
