"""Chat completions: which text answers a request, and the answer's JSON."""

from typing import Any

from tapc.sim.config import SimConfig
from tapc.sim.draws import Draws, chance, digest
from tapc.sim.tokens import count, count_prompt, cut
from tapc.sim.wire import CREATED, FINGERPRINT, JSON, ChatRequest, Choice, SimResponse, encode
from tapc.sim.writer import Assignment, assignment, write

NO_LIMIT = 4096
"""Output limit where the request states none, in tokens."""

STATIC_TEXT = "This is a constant answer of the simulated endpoint, for measuring throughput only."


def chat_key(request: ChatRequest) -> bytes:
    """Digest of all that may change the texts: model, messages, sampling, seed, structure; not the output limit."""
    parts: list[bytes | str | int | float | None] = [request.model, request.temperature, request.top_p, request.seed]
    if request.response_format is not None:
        parts.append(encode(request.response_format))
    for message in request.messages:
        parts.append(message.role)
        parts.append(message.text)
    return digest(*parts)


def complete(request: ChatRequest, key: bytes, config: SimConfig, authorization: str) -> SimResponse:
    """Answer a chat request."""
    if config.mode == "static":
        choices = [Choice(STATIC_TEXT, tokens=count(STATIC_TEXT))] * (request.n or 1)
    else:
        work = assignment(request)
        choices = [_choice(request, work, index, config, authorization) for index in range(request.n or 1)]
    usage = None if chance(config.rate_no_usage, key, b"no usage") else _usage(request, choices)
    if request.stream:
        return as_events(request, key, choices, usage)
    return SimResponse(200, JSON, encode(_answer(request, key, choices, usage)))


def _answer(request: ChatRequest, key: bytes, choices: list[Choice], usage: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": f"chatcmpl-{key[:12].hex()}",
        "object": "chat.completion",
        "created": CREATED,
        "model": request.model,
        "system_fingerprint": FINGERPRINT,
        "choices": [_listed(index, choice) for index, choice in enumerate(choices)],
    }
    if usage is not None:
        found["usage"] = usage
    return found


def _listed(index: int, choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": choice.text, "refusal": choice.refusal}
    if choice.refusal is not None:
        message["content"] = None
    if choice.reasoning is not None:
        message["reasoning_content"] = choice.reasoning
    return {"index": index, "message": message, "logprobs": None, "finish_reason": choice.finish}


def _usage(request: ChatRequest, choices: list[Choice]) -> dict[str, Any]:
    prompt = count_prompt(request.messages)
    completion = sum(choice.tokens for choice in choices)
    thought = sum(count(choice.reasoning) for choice in choices if choice.reasoning)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thought},
    }


def variant(request: ChatRequest, index: int) -> bytes:
    """The key of one completion: at temperature 0 all are one, below 0.7 there are a few, above as many as asked."""
    temperature = 1.0 if request.temperature is None else request.temperature
    own: list[bytes | str | int | float | None] = [request.model]
    for message in request.messages:
        own.append(message.role)
        own.append(message.text)
    if temperature >= 0.7:
        return digest(*own, temperature, request.top_p, request.seed, index)
    variants = max(1, round(temperature * 10))
    chosen = Draws(digest(request.seed, index, *own), b"variant").below(variants)
    return digest(*own, temperature, chosen)


def _choice(request: ChatRequest, work: Assignment, index: int, config: SimConfig, authorization: str) -> Choice:
    key = variant(request, index)
    limit = request.limit or NO_LIMIT
    if chance(config.rate_filter, key, b"filter"):
        return Choice("", "content_filter")
    if chance(config.rate_refusal, key, b"refusal"):
        return _refusal(work, key)
    thought = work.reasoning(key, limit // 2) if config.reasoning or work.thinks else None
    tokens_left = limit - (count(thought) if thought else 0)
    text = write(work, key, tokens_left, config)
    if chance(config.rate_echo_key, key, b"echo"):
        text = f"{text} {authorization}" if work.schema is None else text.replace('"', f'"{authorization} ', 1)
    return _finish(request, key, text, thought, tokens_left, config)


def _refusal(work: Assignment, key: bytes) -> Choice:
    text = work.bank.refuse
    if Draws(key, b"refusal form").below(2):
        return Choice("", "stop", refusal=text, tokens=count(text))
    return Choice(text, "stop", tokens=count(text))


def _finish(
    request: ChatRequest, key: bytes, text: str, thought: str | None, tokens_left: int, config: SimConfig
) -> Choice:
    finish = "stop"
    stops = [request.stop] if isinstance(request.stop, str) else request.stop or []
    places = [place for place in (text.find(stop) for stop in stops) if place >= 0]
    if places:
        text = text[: min(places)]
    if chance(config.rate_truncate, key, b"truncate") and text:
        text, finish = cut(text, max(1, count(text) // 2)), "length"
    if chance(config.rate_ignore_max_tokens, key, b"ignore limit"):
        while count(text) <= tokens_left:
            text = f"{text}\n{text}" if text else "…"
    elif count(text) > tokens_left:
        text, finish = cut(text, tokens_left), "length"
        return Choice(text, finish, reasoning=thought, tokens=tokens_left + (count(thought) if thought else 0))
    return Choice(text, finish, reasoning=thought, tokens=count(text) + (count(thought) if thought else 0))


CHUNK = 48
"""Characters in one event."""


def as_events(request: ChatRequest, key: bytes, choices: list[Choice], usage: dict[str, Any] | None) -> SimResponse:
    """A `text/event-stream` body: role, pieces of text, the finish reason, usage where it was asked for, `[DONE]`."""
    head = {
        "id": f"chatcmpl-{key[:12].hex()}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": request.model,
        "system_fingerprint": FINGERPRINT,
    }
    events: list[dict[str, Any]] = []
    for index, choice in enumerate(choices):
        events.extend(
            {**head, "choices": [{"index": index, "delta": delta, "finish_reason": None}]} for delta in _deltas(choice)
        )
        events.append({**head, "choices": [{"index": index, "delta": {}, "finish_reason": choice.finish}]})
    if usage is not None and (request.stream_options or {}).get("include_usage"):
        events.append({**head, "choices": [], "usage": usage})
    body = b"".join(b"data: " + encode(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    return SimResponse(200, (("content-type", "text/event-stream"), ("cache-control", "no-cache")), body)


def _deltas(choice: Choice) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if choice.reasoning:
        found.append({"reasoning_content": choice.reasoning})
    if choice.refusal is not None:
        found.append({"refusal": choice.refusal})
    found += [{"content": choice.text[at : at + CHUNK]} for at in range(0, len(choice.text), CHUNK)]
    return found
