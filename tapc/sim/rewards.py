"""The reward-model routes, in the shapes vLLM answers: `/pooling` and `/score`."""

from typing import Any

from tapc.sim.config import SimConfig
from tapc.sim.draws import Draws, digest
from tapc.sim.quality import estimate, judge_noise
from tapc.sim.tokens import count
from tapc.sim.wire import CREATED, FINGERPRINT, JSON, BadRequest, SimResponse, encode

SCALE = 8.0
"""A reward runs from about -4 to 4, like the logits of a reward model."""


def reward(model: str, prompt: str, answer: str) -> float:
    """The reward of an answer: its estimated quality with the model's own noise, centered on zero."""
    draws = Draws(digest(model, prompt, answer), b"reward")
    quality = estimate(answer) + judge_noise(model) * draws.normal()
    return round((quality - 0.5) * SCALE, 6)


def pooling(fields: dict[str, Any], config: SimConfig) -> SimResponse:
    """Answer `/pooling`: `messages` (the last one is judged) or `input` (a text or texts).

    Raises:
        BadRequest: neither is there, or of the wrong type.
    """
    model = _model(fields)
    if "messages" in fields:
        texts = [_conversation(fields["messages"])]
    else:
        texts = [("", text) for text in _texts(fields, "input")]
    scores = [[reward(model, prompt, answer)] for prompt, answer in texts]
    return _listed(model, "pooling", "data", scores, sum(count(p) + count(a) for p, a in texts), config)


def score(fields: dict[str, Any], config: SimConfig) -> SimResponse:
    """Answer `/score`: `text_1` is the prompt, `text_2` the answer or answers (one prompt each, or one for all).

    Raises:
        BadRequest: a text is missing, or their numbers do not fit.
    """
    model = _model(fields)
    first, second = _texts(fields, "text_1"), _texts(fields, "text_2")
    if len(first) not in (1, len(second)):
        raise BadRequest(f"text_1 has {len(first)} texts and text_2 {len(second)}", param="text_1")
    if len(first) == 1:
        first = first * len(second)
    scores = [reward(model, prompt, answer) for prompt, answer in zip(first, second, strict=True)]
    return _listed(model, "score", "score", scores, sum(map(count, first)) + sum(map(count, second)), config)


def _model(fields: dict[str, Any]) -> str:
    model = fields.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("you must provide a model parameter", param="model")
    return model


def _texts(fields: dict[str, Any], name: str) -> list[str]:
    value = fields.get(name)
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(text, str) for text in value):  # pyright: ignore[reportUnknownVariableType] - JSON
        return list(value)  # pyright: ignore[reportUnknownArgumentType] - JSON, checked above
    raise BadRequest(f"{name} must be a text or a list of texts", param=name)


def _conversation(messages: Any) -> tuple[str, str]:
    texts: list[str] = []
    for message in messages if isinstance(messages, list) else []:  # pyright: ignore[reportUnknownVariableType] - JSON
        content: Any = message.get("content") if isinstance(message, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - JSON
        if not isinstance(content, str):
            texts = []
            break
        texts.append(content)
    if not texts:
        raise BadRequest("messages must be a list of messages with text content", param="messages")
    return "\n".join(texts[:-1]), texts[-1]


def _listed(model: str, kind: str, field: str, values: list[Any], tokens: int, config: SimConfig) -> SimResponse:
    data = [{"index": index, "object": kind, field: value} for index, value in enumerate(values)]
    answer: dict[str, Any] = {
        "id": f"{kind}-{digest(model, encode(values))[:12].hex()}",
        "object": "list",
        "created": CREATED,
        "model": model,
        "system_fingerprint": FINGERPRINT,
        "data": data,
    }
    if config.rate_no_usage < 1.0:
        answer["usage"] = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
    return SimResponse(200, JSON, encode(answer))
