"""What differs between a job and a stored reply, by the digests of the parts of their keys (see `tapc.jobs.parts`).

Digests tell which parts differ, down to the setting and the message; they do not show what was there before.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import msgspec

from tapc.ir import Step
from tapc.jobs import Job, KeyParts, Message, PartsMaker, Recipe, digests_of, read_parts, settings_of
from tapc.semantics.vocabulary.endpoints import SAMPLING

_PARTS = ("identity", "schema", "seed", "draw_group")


def distance(now: KeyParts, then: KeyParts) -> int:
    """Number of parts that differ between two jobs of the same draw, each setting and each message a part."""
    parts = sum(getattr(now, name) != getattr(then, name) for name in _PARTS)
    if now.settings is None or then.settings is None:
        parts += now.parameters != then.parameters
    else:
        names = now.settings.keys() | then.settings.keys()
        parts += sum(now.settings.get(name) != then.settings.get(name) for name in names)
    return parts + sum(here != there for here, there in zip_longest(now.messages, then.messages))


def differing_parts(job: Job, then: KeyParts, model: str, step: Step) -> Iterator[str]:
    """The parts that differ, one line each, in the words of the spec.

    Args:
        job: the job that is not stored.
        then: parts of the stored one.
        model: its model.
        step: the step that asks.
    """
    now, recipe = read_parts(PartsMaker()(job)), job.recipe
    if now is None:
        return
    if now.identity != then.identity:
        yield f"model {model} → {model_of(recipe)}"
    if now.schema != then.schema:
        yield f"form of the reply of {recipe.step} changed"
    yield from _settings(recipe, now, then)
    if now.seed != then.seed:
        yield f"seed {then.seed} → {now.seed}"
    if now.draw_group != then.draw_group:
        yield f"its number among steps that ask the same differs: {then.draw_group} → {now.draw_group}"
    if (now.candidate, now.attempt) != (then.candidate, then.attempt):
        yield "it is of another candidate or attempt"
    for n, name in differing_messages(job.messages, now.messages, then.messages):
        reads = step.reads() if job.messages[n].role != "system" else ()
        told = "rubric" if name == "prompt" and step.rubrics() else name
        yield f"{told} of {recipe.step} changed" + (f", or what it reads: {', '.join(reads)}" if reads else "")
    if len(now.messages) != len(then.messages):
        yield f"messages of {recipe.step}: {len(then.messages)} → {len(now.messages)}"


def _settings(recipe: Recipe, now: KeyParts, then: KeyParts) -> Iterator[str]:
    """Settings that differ, with what is sent now."""
    if now.parameters == then.parameters:
        return
    if then.settings is None or now.settings is None:
        yield f"settings of {recipe.step} changed" + (", its form of the reply at least" * (now.schema != then.schema))
        return
    sent = settings_of(recipe)
    names = {digest: name for name in _KNOWN | sent.keys() for digest in digests_of({name: None})}
    for digest in (*now.settings, *(gone for gone in then.settings if gone not in now.settings)):
        if now.settings.get(digest) != then.settings.get(digest):
            name = names.get(digest, "a setting")
            value = msgspec.json.encode(sent[name]).decode() if name in sent else "unset"
            yield f"{name} of {recipe.step} changed, now {value}"


_KNOWN = frozenset({field.name for field in SAMPLING} | {"thinking", "derived seed"})
"""Settings that a job may have had before."""


def differing_messages(
    messages: Sequence[Message], now: Sequence[object], then: Sequence[object]
) -> Iterator[tuple[int, str]]:
    """Positions and names of the messages that both jobs have and that differ."""
    for n, (here, there) in enumerate(zip(now, then, strict=False)):
        if here != there:
            yield n, _name_of_message(messages, n)


def _name_of_message(messages: Sequence[Message], position: int) -> str:
    """A message by the field that it comes from, and by its position where that is not enough."""
    role = messages[position].role
    if sum(message.role == role for message in messages) > 1:
        return f"message {position + 1} of {len(messages)} ({role})"
    return {"system": "system", "user": "prompt"}.get(role, f"{role} message")


def model_of(recipe: Recipe) -> str:
    """The model of a job as it is shown: identity and realm."""
    return f"{recipe.identity} ({recipe.realm})"


def excerpts(here: Message, there: Message) -> str:
    """Where two messages begin to differ, and what both say there."""
    pairs = enumerate(zip(here.content, there.content, strict=False))
    first = next((n for n, (a, b) in pairs if a != b), min(len(here.content), len(there.content)))
    part = slice(max(0, first - 20), max(0, first - 20) + 60)
    return f"from character {first + 1} on: {there.content[part]!r} then, {here.content[part]!r} now"
