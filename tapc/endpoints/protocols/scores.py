"""Scores of reward models, as vLLM serves them: `/pooling` over a conversation, `/score` over a pair of texts.

A server without `/pooling` may have `/score`, which is tried next; both answer in the same form.
"""

from typing import Any, cast

import msgspec

from tapc.endpoints.protocols.protocol import Capabilities, EndpointProtocol, ReplyContext
from tapc.endpoints.replies.unusual import Form, NoCompletion, Scores
from tapc.endpoints.replies.usage import read_usage
from tapc.jobs import Job, Outcome, Recipe, Reply, WorstCase

_ENCODER = msgspec.json.Encoder()
_SCORES = msgspec.json.Decoder(Scores, strict=False)
_UNDECODED = (msgspec.MsgspecError, UnicodeError, RecursionError)


class _Pooling:
    """Asks for the score of a conversation."""

    def __init__(self, recipe: Recipe, capabilities: Capabilities, context: ReplyContext) -> None:  # noqa: ARG002 - the same for every protocol
        self._context = context
        self._prefix = _ENCODER.encode({"model": recipe.model})[:-1]

    def encode(self, job: Job) -> bytes:
        """See `Speaker.encode`."""
        return b"".join((self._prefix, b',"messages":', _ENCODER.encode(job.messages), b"}"))

    def read(self, job: Job, body: bytes, worst: WorstCase, seconds: float, form: Form) -> Reply:
        """See `Speaker.read`."""
        context = self._context
        try:
            scores: Scores = _SCORES.decode(body)
        except _UNDECODED:
            scores = context.patient.scores(form, body)
        if not scores.data:
            raise NoCompletion(body, scores.usage)
        texts: list[str] = []
        for datum in scores.data:
            value: Any = datum.data if datum.score is None else datum.score
            while isinstance(value, list) and len(cast("list[Any]", value)) == 1:
                value = value[0]  # pyright: ignore[reportUnknownVariableType]
            if isinstance(value, str) and datum.score is not None:
                value = _number(value)
            texts.append(msgspec.json.encode(value).decode())
        usage, cost = read_usage(job, scores.usage, worst, answered=False, tier=scores.service_tier)
        outcome: Outcome = "ok"
        model = context.name(scores.model, "model")
        if context.secrets.leaked(*texts, *(text for text in (scores.model,) if isinstance(text, str))):
            outcome, texts, model = "leak", [""] * len(texts), ""
        return Reply(outcome, tuple(texts), usage, cost, (), model, "", context.origin, seconds)

    def adapt(self, said: str) -> bool:  # noqa: ARG002 - no parameters are sent
        """See `Speaker.adapt`."""
        return False


class _Score(_Pooling):
    """Asks for the score of an answer to what comes before it."""

    def encode(self, job: Job) -> bytes:
        """See `Speaker.encode`."""
        *context, last = job.messages
        pair = {"text_1": "\n".join(m.content for m in context), "text_2": last.content}
        return self._prefix + b"," + _ENCODER.encode(pair)[1:]


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _next_to_v1(route: str, base: str) -> str:
    """VLLM serves scores next to `/v1`, not under it."""
    return f"{base.removesuffix('/v1')}/{route}"


POOLING = EndpointProtocol(
    name="pooling", path=lambda base: _next_to_v1("pooling", base), speaker=_Pooling, fallback="score"
)
SCORE = EndpointProtocol(name="score", path=lambda base: _next_to_v1("score", base), speaker=_Score)
