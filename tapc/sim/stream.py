"""The same answer as server-sent events."""

from typing import Any

from tapc.sim.wire import CREATED, FINGERPRINT, ChatRequest, Choice, SimResponse, encode

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
