"""Recipes: what a step sends to an endpoint in addition to the messages."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from tapc.ir import DEFAULT_MAX_TOKENS, Endpoint, Sampling
from tapc.jobs import Recipe

_ENCODER = msgspec.json.Encoder(order="sorted")
_PLAIN = ("temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty", "logprobs")


def merged(endpoint: Sampling, step: Sampling) -> Sampling:
    """Sampling of a step at an endpoint: what the step sets wins, `extra` field by field."""
    update = step.model_dump(exclude_none=True, exclude={"extra"})
    if step.extra is not None:
        base: dict[str, Any] = msgspec.json.decode(endpoint.extra) if endpoint.extra else {}
        update["extra"] = _ENCODER.encode(base | msgspec.json.decode(step.extra)).decode()
    return endpoint.model_copy(update=update)


def chat_recipe(
    *, step: str, endpoint: Endpoint, sampling: Sampling, schema: bytes | None, schema_name: str, draw_group: int = 0
) -> Recipe:
    """Build the recipe of chat requests of a step at one endpoint.

    Args:
        step: its name.
        endpoint: where.
        sampling: the step's own.
        schema: JSON Schema of the reply, or None for free text.
        schema_name: what `response_format` calls it; steers nothing but some models read it.
        draw_group: see `tapc.jobs.Recipe`.
    """
    sampling = merged(endpoint.sampling, sampling)
    thinking = endpoint.thinking
    limit = sampling.max_tokens or DEFAULT_MAX_TOKENS
    # bool is an int in Python, but no spec can say `thinking true`
    if isinstance(thinking, int):
        limit += thinking
    parameters = _plain(sampling)
    parameters[endpoint.token_field] = limit
    if sampling.n is not None:
        parameters["n"] = sampling.n
    if schema is not None:
        shape = {"name": schema_name, "strict": True, "schema": msgspec.Raw(schema)}
        parameters["response_format"] = {"type": "json_schema", "json_schema": shape}
    extra: dict[str, Any] = msgspec.json.decode(sampling.extra) if sampling.extra else {}
    return Recipe(
        step=step,
        endpoint=endpoint.name,
        model=endpoint.model,
        identity=endpoint.same_as,
        realm=endpoint.realm,
        parameters=_ENCODER.encode(parameters | extra),
        schema=schema,
        draw_group=draw_group,
        seeded=sampling.seed is None and "seed" not in extra,
        max_tokens=limit,
        n=sampling.n or 1,
        overhead=endpoint.overhead,
        price=endpoint.price,
        thinking="" if thinking is None else str(thinking),
    )


def reward_recipe(*, step: str, endpoint: Endpoint, kind: Literal["pooling", "score"]) -> Recipe:
    """Build the recipe of a reward model's requests: no sampling, no output tokens."""
    extra: dict[str, Any] = msgspec.json.decode(endpoint.sampling.extra) if endpoint.sampling.extra else {}
    return Recipe(
        step=step,
        endpoint=endpoint.name,
        model=endpoint.model,
        identity=endpoint.same_as,
        realm=endpoint.realm,
        parameters=_ENCODER.encode(extra),
        schema=None,
        draw_group=0,
        seeded=False,
        max_tokens=0,
        n=1,
        overhead=endpoint.overhead,
        price=endpoint.price,
        kind=kind,
    )


def program_recipe(*, step: str, command: Sequence[str], digest: str) -> Recipe:
    """Build the recipe of a program's runs.

    Args:
        step: its name.
        command: the program and its arguments.
        digest: of the files behind it; a changed program scores again.
    """
    return Recipe(
        step=step,
        endpoint="",
        model=" ".join(command),
        identity=f"program:{digest}",
        realm="real",
        parameters=_ENCODER.encode(list(command)),
        schema=None,
        draw_group=0,
        seeded=False,
        max_tokens=0,
        n=1,
        overhead=0,
        price=None,
        kind="program",
    )


def _plain(sampling: Sampling) -> dict[str, Any]:
    """Parameters that are sent as they are written; unset ones stay absent."""
    found: dict[str, Any] = {}
    for name in _PLAIN:
        value = getattr(sampling, name)
        if value is not None:
            found[name] = value
    return found
