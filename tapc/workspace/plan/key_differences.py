"""What differs between two jobs, part by part of their keys (see `tapc.jobs.parts`).

Digests tell which parts differ, down to the message; if both jobs are known, their values are shown too.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import msgspec

from tapc.jobs import Job, KeyParts, Message, PartsMaker, Recipe, read_parts

_PARTS = ("identity", "parameters", "schema", "seed", "draw_group")


def distance(now: KeyParts, then: KeyParts) -> int:
    """Number of parts that differ between two jobs of the same draw, each message a part."""
    parts = sum(getattr(now, name) != getattr(then, name) for name in _PARTS)
    return parts + sum(here != there for here, there in zip_longest(now.messages, then.messages))


def differing_parts(job: Job, then: KeyParts, model: str, other: Job | None = None) -> Iterator[str]:
    """The parts that differ, one line each; with the values of both where the other job is known.

    Args:
        job: the job that is not stored.
        then: parts of the other job.
        model: model of the other job.
        other: the other job, None if only its parts are known.
    """
    now, recipe = read_parts(PartsMaker()(job)), job.recipe
    if now is None:
        return
    if now.identity != then.identity:
        yield f"the model differs: {model} then, {model_of(recipe)} now"
    if now.schema != then.schema:
        yield "the schema of the reply differs"
    if now.parameters != then.parameters and other is not None:
        yield from _parameters(recipe, other.recipe)
    elif now.parameters != then.parameters:
        yield "the parameters differ" + (", at least in `response_format`" if now.schema != then.schema else "")
    if now.seed != then.seed:
        yield f"the seed of the dataset differs: {then.seed} then, {now.seed} now"
    if now.draw_group != then.draw_group:
        yield f"the number among steps that ask the same differs: {then.draw_group} then, {now.draw_group} now"
    if (now.candidate, now.attempt) != (then.candidate, then.attempt):
        yield "it is of another candidate or attempt"
    yield from _messages(job.messages, now.messages, then.messages, other)


def _messages(
    messages: Sequence[Message], now: Sequence[bytes], then: Sequence[bytes], other: Job | None
) -> Iterator[str]:
    if len(now) != len(then):
        yield f"the number of messages differs: {len(then)} then, {len(now)} now"
    for n, (here, there) in enumerate(zip(now, then, strict=False)):
        if here != there:
            name = _name_of_message(messages, n)
            yield f"{name} differs" + (_excerpts(messages[n], other.messages[n]) if other else "")


def _parameters(new: Recipe, old: Recipe) -> Iterator[str]:
    then, now = _settings(old), _settings(new)
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{name} differs: {_brief(then.get(name))} then, {_brief(now.get(name))} now"


def _settings(recipe: Recipe) -> dict[str, Any]:
    """What a digest of parameters covers, by the names that people see."""
    found: dict[str, Any] = {"`thinking`": recipe.thinking or None, "whether a seed is sent": recipe.seeded}
    if recipe.runs_program:
        return found | {"the command": recipe.parameters}
    parameters: dict[str, Any] = msgspec.json.decode(recipe.parameters)
    return found | {f"parameter `{name}`": value for name, value in parameters.items()}


def _excerpts(here: Message, there: Message) -> str:
    """Where two messages begin to differ, and what both say there."""
    pairs = enumerate(zip(here.content, there.content, strict=False))
    first = next((n for n, (a, b) in pairs if a != b), min(len(here.content), len(there.content)))
    part = slice(max(0, first - 20), max(0, first - 20) + 60)
    return f" from character {first + 1} on: {_brief(there.content[part])} then, {_brief(here.content[part])} now"


def model_of(recipe: Recipe) -> str:
    """The model of a job as it is shown: identity and realm."""
    return f"{recipe.identity} ({recipe.realm})"


def _name_of_message(messages: Sequence[Message], position: int) -> str:
    """A message by its role, and by its position where the role is not enough."""
    role = messages[position].role
    alone = sum(message.role == role for message in messages) == 1
    return f"the {role} message" if alone else f"message {position + 1} of {len(messages)} ({role})"


def _brief(value: object) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else "unset" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
