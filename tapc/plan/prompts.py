"""Rendered prompts of a few slots, before any request."""

import re
from collections.abc import Iterator

import msgspec

from tapc.jobs import Job, Reply
from tapc.kinds.compiling import compile_steps
from tapc.plan.compile import Planned
from tapc.plan.document import PromptMessage, PromptPlan
from tapc.plan.estimate import FILLER, answers_read, probe_slot, stand_in, unchecked

_UNWRITTEN = re.compile(FILLER + "+")
_OPEN, _CLOSE = "\ue001", "\ue002"
"""Private-use characters around a stand-in, so that no text of a spec can be mistaken for one."""


def render_prompts(planned: Planned, samples: int) -> list[PromptPlan]:
    """Every first-attempt request of the first slots, which are spread over the cells.

    Prompts of first steps are exactly what is sent, with the key of the job. A text that does not exist yet is shown as
    `‹text of STEP›`, and then there is no key.
    """
    programs = compile_steps(unchecked(planned.dataset), planned.tools(), planned.kinds)
    entries = answers_read(planned.dataset, programs)
    found: list[PromptPlan] = []

    def answer(job: Job) -> Reply:
        reply = stand_in(job, 16, entries.get(job.recipe.step, 1))
        shown = f"{_OPEN}text of {job.recipe.step}{_CLOSE}"
        return msgspec.structs.replace(reply, texts=tuple(_UNWRITTEN.sub(shown, text) for text in reply.texts))

    for slot in planned.slots.spread(samples):
        axes = planned.views.axes(slot.leaf, slot.values)
        for job in probe_slot(programs, planned.open_slot(slot), answer):
            open_texts = any(_OPEN in message.content for message in job.messages)
            recipe = job.recipe
            found.append(
                PromptPlan(
                    rank=slot.rank,
                    axes=axes,
                    step=recipe.step,
                    endpoint=recipe.endpoint,
                    key=None if open_texts else job.key.hex(),
                    messages=list(_messages(job)),
                )
            )
    return found


def _messages(job: Job) -> Iterator[PromptMessage]:
    for message in job.messages:
        shown = message.content.replace(_OPEN, "‹").replace(_CLOSE, "›")
        yield PromptMessage(role=message.role, content=shown)
