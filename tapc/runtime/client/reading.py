"""Reads replies: outcome, texts, reasoning, usage."""

import json
import re
from typing import Any, cast

import msgspec

from tapc.jobs import Job, Outcome, Reply, Usage, WorstCase
from tapc.outside import Secrets
from tapc.runtime.client.structured import Schema
from tapc.runtime.client.usage import read_usage

MAX_TEXT = 8 * 1024 * 1024
"""Characters of one completion at most; a longer one is `invalid` and kept to this length."""

CONTROL = re.compile(
    r"<\|(?:im_start|im_end|im_sep|endoftext|end_of_text|begin_of_text|eot_id|eom_id|start_header_id|end_header_id|"
    r"python_tag|system|user|assistant|end|start|channel|message|return|call|endofprompt|fim_(?:prefix|middle|suffix)|"
    r"(?:START|END)_OF_TURN_TOKEN|(?:USER|CHATBOT|SYSTEM)_TOKEN)\|>"
    r"|<(?:start|end)_of_turn>|</?\|?(?:BOS|EOS)_TOKEN\|?>|\[/?INST\]|<</?SYS>>"
    r"|<｜(?:User|Assistant|begin▁of▁sentence|end▁of▁sentence|tool▁[a-z▁]+)｜>"
)
"""Marks of chat templates: in a text they are the work of a broken template or of an attack on whoever trains on it."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_THINK = "<think>"
_ORDER: tuple[Outcome, ...] = ("invalid", "filtered", "refusal", "length", "ok")
"""With several completions in one reply, the first of these that occurs is the outcome."""


class Unreadable(Exception):  # noqa: N818 - becomes a failure, which is a value
    """A success whose body is no reply. Says why."""


class _Text(msgspec.Struct):
    content: str | list[Any] | None = None
    refusal: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Choice(msgspec.Struct):
    message: _Text
    finish_reason: str | None = None
    index: int = 0


class _Chat(msgspec.Struct):
    choices: list[_Choice]
    usage: Any = None
    service_tier: Any = None
    model: str | None = None
    system_fingerprint: str | None = None


class _Datum(msgspec.Struct):
    data: Any = None
    score: float | None = None


class _Scores(msgspec.Struct):
    data: list[_Datum]
    usage: Any = None
    service_tier: Any = None
    model: str | None = None


_CHAT = msgspec.json.Decoder(_Chat, strict=False)
_SCORES = msgspec.json.Decoder(_Scores, strict=False)


class Reader:
    """Reads the replies of one endpoint's replica.

    Args:
        origin: stands in every reply.
        secrets: what a reply must not echo.
    """

    def __init__(self, origin: str, secrets: Secrets) -> None:
        self._origin = origin
        self._secrets = secrets
        self._schemas: dict[bytes, Schema] = {}

    def read(self, job: Job, body: bytes, worst: WorstCase, seconds: float) -> Reply:
        """The reply in a body.

        Raises:
            Unreadable: it is none.
        """
        return (
            self._chat(job, body, worst, seconds)
            if job.recipe.kind == "chat"
            else self._score(job, body, worst, seconds)
        )

    def filtered(self, job: Job) -> Reply:
        """The reply that stands for a prompt turned down by a content filter, which is not billed."""
        return Reply("filtered", ("",) * job.recipe.n, Usage(0, 0), 0, origin=self._origin)

    def _chat(self, job: Job, body: bytes, worst: WorstCase, seconds: float) -> Reply:
        chat: _Chat = self._decode(_CHAT, _Chat, body)
        if not chat.choices:
            raise Unreadable("the reply has no choices" + self._error_in(body))
        choices = chat.choices
        if len(choices) > 1:
            choices.sort(key=lambda c: c.index)
        schema = self._schema(job)
        outcomes: list[Outcome] = []
        texts: list[str] = []
        thoughts: list[str] = []
        for choice in choices:
            outcome, text, thought = _one(choice, schema)
            outcomes.append(outcome)
            texts.append(text)
            thoughts.append(thought)
        usage, cost = read_usage(job, chat.usage, worst, answered=any(texts), tier=chat.service_tier)
        outcome: Outcome = outcomes[0] if len(outcomes) == 1 else next(o for o in _ORDER if o in outcomes)
        model, fingerprint = chat.model or "", chat.system_fingerprint or ""
        if self._secrets.leaked(*texts, *thoughts, model, fingerprint):
            outcome, texts, thoughts, model, fingerprint = "leak", [""] * len(texts), [], "", ""
        return Reply(
            outcome,
            tuple(texts),
            usage,
            cost,
            tuple(thoughts) if any(thoughts) else (),
            _clean(model[:256]),
            _clean(fingerprint[:256]),
            self._origin,
            seconds,
        )

    def _score(self, job: Job, body: bytes, worst: WorstCase, seconds: float) -> Reply:
        scores: _Scores = self._decode(_SCORES, _Scores, body)
        if not scores.data:
            raise Unreadable("the reply has no scores" + self._error_in(body))
        texts: list[str] = []
        for datum in scores.data:
            value: Any = datum.data if datum.score is None else datum.score
            while isinstance(value, list) and len(value) == 1:  # pyright: ignore[reportUnknownArgumentType]
                value = value[0]  # pyright: ignore[reportUnknownVariableType]
            texts.append(msgspec.json.encode(value).decode())
        usage, cost = read_usage(job, scores.usage, worst, answered=False, tier=scores.service_tier)
        outcome: Outcome = "ok"
        model = scores.model or ""
        if self._secrets.leaked(*texts, model):
            outcome, texts, model = "leak", [""] * len(texts), ""
        return Reply(outcome, tuple(texts), usage, cost, (), _clean(model[:256]), "", self._origin, seconds)

    def _decode(self, decoder: Any, kind: Any, body: bytes) -> Any:
        """Decode strictly and fast; what msgspec turns down (lone surrogates, bad UTF-8) the patient parser reads."""
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, UnicodeError):
            pass
        try:
            return msgspec.convert(json.loads(body.decode("utf-8", "surrogateescape")), kind, strict=False)
        except (ValueError, RecursionError, msgspec.ValidationError) as error:
            raise Unreadable(f"the reply cannot be read: {error}" + self._error_in(body)) from None

    def _error_in(self, body: bytes) -> str:
        """What a success without a reply says about itself: some gateways send errors with status 200."""
        return f" ({shown})" if (shown := error_text(body, self._secrets)) else ""

    def _schema(self, job: Job) -> Schema | None:
        text = job.recipe.schema
        if text is None:
            return None
        found = self._schemas.get(text)
        if found is None:
            found = self._schemas[text] = Schema(text)
        return found


def error_text(body: bytes, secrets: Secrets) -> str:
    """The message in an error body, in any of the shapes servers use, at most 300 characters.

    Secrets are masked before anything is cut: half a key would no longer be recognised.
    """
    whole = secrets.mask(body[:65536].decode("utf-8", "replace"))
    try:
        value: Any = json.loads(whole)
    except (ValueError, RecursionError):
        text = whole[:2000]
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:300]
    for name in ("error", "detail", "errors", "message"):
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            value = fields.get(name) or fields
    shown: str = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return secrets.mask(" ".join(_clean(shown).split()))[:300]  # again: JSON can write a key with escapes


def _one(choice: _Choice, schema: Schema | None) -> tuple[Outcome, str, str]:
    """Outcome, text and reasoning of one completion."""
    message = choice.message
    content = message.content
    text = content if isinstance(content, str) else _joined(content)
    thought = message.reasoning or message.reasoning_content or ""
    finish = choice.finish_reason
    if not thought and text.startswith(_THINK, _first(text)):
        thought, text = _split(text)
    outcome: Outcome = "ok"
    if finish in ("length", "max_tokens"):
        outcome = "length"
    elif finish == "content_filter":
        outcome = "filtered"
    elif message.refusal:
        outcome, text = "refusal", text or message.refusal
    elif schema is not None:
        valid = schema.accepts(text)
        outcome, text = ("invalid", text) if valid is None else ("ok", valid)
    return _checked(outcome, text, thought)


def _checked(outcome: Outcome, text: str, thought: str) -> tuple[Outcome, str, str]:
    """Turn down what no text may hold: lone surrogates, marks of chat templates, too much."""
    if not text.isascii() and _SURROGATE.search(text) is not None:
        outcome, text = "invalid", _clean(text)
    if len(text) > MAX_TEXT:
        outcome, text = "invalid", text[:MAX_TEXT]
    if ("<" in text or "[" in text) and CONTROL.search(text) is not None:
        outcome = "invalid"
    return outcome, text, _clean(thought[:MAX_TEXT])


def _clean(text: str) -> str:
    """A text that can be stored: lone surrogates become U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _joined(content: list[Any] | None) -> str:
    """Text of a content given as parts."""
    parts: list[str] = []
    for part in content or ():
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):  # pyright: ignore[reportUnknownMemberType]
            parts.append(part["text"])  # pyright: ignore[reportUnknownArgumentType]
    return "".join(parts)


def _first(text: str) -> int:
    """Where a text begins after white space; looked at only where it starts with any."""
    return len(text) - len(text.lstrip()) if text[:1].isspace() else 0


def _split(text: str) -> tuple[str, str]:
    """Reasoning written inline, and the text after it; without an end all is reasoning."""
    inside = text.lstrip()[len(_THINK) :]
    thought, _, rest = inside.partition("</think>")
    return thought.strip(), rest.lstrip()
