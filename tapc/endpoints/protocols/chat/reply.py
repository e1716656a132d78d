"""Reads chat completions: outcome, texts, reasoning, usage.

The messages of a body are decoded first and for their own sake. Everything else in it (usage, indices, fingerprints,
unknown fields) is read on its own, and what cannot be read of it is counted, charged at the worst case where
it is about money, and never costs a text that was paid for.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tapc.endpoints.protocols.protocol import ReplyContext
from tapc.endpoints.replies.ends import FinishOutcome, finish_outcome
from tapc.endpoints.replies.failures import MOST_TRIES, Failure
from tapc.endpoints.replies.message import Said, read_message
from tapc.endpoints.replies.structured import Schema, texts_of
from tapc.endpoints.replies.unusual import Chat, Choice, Form, NoCompletion
from tapc.endpoints.replies.usage import read_usage
from tapc.jobs import Job, Outcome, Reply, WorstCase
from tapc.marks import split_thoughts, template_mark
from tapc.outside.visible import one_line

MAX_TEXT = 8 * 1024 * 1024
"""Characters of one completion at most; a longer one is `invalid` and kept to this length."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ORDER: tuple[Outcome, ...] = ("invalid", "filtered", "refusal", "length", "ok")
"""With several completions in one reply, the first of these that occurs is the outcome."""

_FINISH_SHOWN = 64
_CHAT = msgspec.json.Decoder(Chat, strict=False)
_UNDECODED = (msgspec.MsgspecError, UnicodeError, RecursionError)


class ChatReader:
    """Reads chat completions of one endpoint's replica."""

    def __init__(self, context: ReplyContext) -> None:
        self._context = context
        self._odd = context.odd

    def read(self, job: Job, body: bytes, worst: WorstCase, seconds: float, form: Form) -> Reply | Failure:
        """See `Speaker.read`."""
        context = self._context
        plain = b"\\" not in body or b"\\u00" not in body  # no control character: JSON must write them as escapes
        try:
            chat: Chat = _CHAT.decode(body)
        except _UNDECODED:
            chat, plain = context.patient.chat(form, body), False
        if not chat.choices:
            raise NoCompletion(body, chat.usage)
        choices = self._ordered(chat.choices) if len(chat.choices) > 1 else chat.choices
        schema = context.schema(job.recipe)
        outcomes: list[Outcome] = []
        texts: list[str] = []
        thoughts: list[str] = []
        finishes: list[str] = []
        for choice in choices:
            read = self._one(choice, schema, plain=plain)
            if isinstance(read, Failure):
                return read
            outcome, text, thought, finish = read
            outcomes.append(outcome)
            texts.append(text)
            thoughts.append(thought)
            finishes.append(finish)
        usage, cost = read_usage(job, chat.usage, worst, answered=any(texts), tier=chat.service_tier)
        outcome: Outcome = outcomes[0] if len(outcomes) == 1 else next(o for o in _ORDER if o in outcomes)
        model, fingerprint = context.name(chat.model, "model"), context.name(chat.system_fingerprint, "fingerprint")
        if context.secrets and context.secrets.leaked(
            *texts, *thoughts, *_uncut(chat.model, chat.system_fingerprint, choices)
        ):
            outcome, texts, thoughts, finishes, model, fingerprint = "leak", [""] * len(texts), [], [], "", ""
        return Reply(
            outcome,
            tuple(texts),
            usage,
            cost,
            tuple(thoughts) if any(thoughts) else (),
            model,
            fingerprint,
            context.origin,
            seconds,
            tuple(finishes) if any(finishes) else (),
        )

    def _one(self, choice: Choice, schema: Schema | None, *, plain: bool) -> tuple[Outcome, str, str, str] | Failure:
        """Outcome, text, reasoning and finish word of one completion."""
        said = read_message(choice.message, structured=schema is not None)
        for kind in said.odd:
            self._odd(kind)
        finish = choice.finish_reason
        if finish is not None and not isinstance(finish, str):
            self._odd("finish_reason is not a text")
        word = finish if isinstance(finish, str) else ""
        end = "failed" if choice.error else finish_outcome(word)
        if end == "failed":
            detail = f"the generation broke off: finish_reason {self._shown(word)!r}"
            return Failure("unknown", "broken", detail, status=200, retry=True, most=MOST_TRIES)
        text, thought, mark = split_thoughts(said.text, parsed=bool(said.thought))
        if mark:
            self._split(mark)
        thought = "\n\n".join(filter(None, (said.thought, thought))) if thought != said.thought else thought
        if end is None:
            self._odd(f"unknown finish_reason {self._shown(word)!r}")
            end = "ok" if text else "invalid"
        outcome, text = _outcome(end, said, text, schema)
        outcome, text, thought = _checked(outcome, text, thought, structured=schema is not None, plain=plain)
        return outcome, text, thought, self._context.kept(word, _FINISH_SHOWN) if word else ""

    def _split(self, mark: str) -> None:
        self._odd(f"thought in the text: {mark}")
        self._context.capabilities.say(
            f"its replies hold thoughts ({mark}); they are split off, and kept where an emit says `reasoning`"
        )

    def _shown(self, word: str) -> str:
        """A finish word for people; masked before it is cut, since half a key would not be known for one."""
        return one_line(self._context.secrets.mask(word[:4096]), _FINISH_SHOWN)

    def _ordered(self, choices: list[Choice]) -> list[Choice]:
        """Completions by their index, where all state one."""
        places = [choice.index for choice in choices]
        if all(isinstance(place, int) for place in places):
            return sorted(choices, key=lambda choice: choice.index)
        self._odd("index is not a number")
        return choices


def _uncut(model: Any, fingerprint: Any, choices: Iterable[Choice]) -> Iterator[str]:
    """What a reply says of itself, as it came: what is kept of it is cut, perhaps in the middle of a key."""
    for said in (model, fingerprint, *(choice.finish_reason for choice in choices)):
        if isinstance(said, str):
            yield said


def _outcome(end: FinishOutcome, said: Said, text: str, schema: Schema | None) -> tuple[Outcome, str]:
    """What a completion comes to whose generation did not break off, and its text."""
    outcome: Outcome = "ok" if end == "failed" else end
    if outcome == "refusal" or (outcome == "ok" and said.refusal):
        return "refusal", text or said.refusal
    if outcome != "ok":
        return outcome, text
    if said.calls and not text:
        return "invalid", text
    if schema is None:
        return "ok", text
    valid = schema.accepts(text)
    return ("invalid", text) if valid is None else ("ok", valid)


def _checked(outcome: Outcome, text: str, thought: str, *, structured: bool, plain: bool) -> tuple[Outcome, str, str]:
    """Turn down what no text may hold: lone surrogates, control characters, marks of chat templates, too much."""
    if not text.isascii() and _SURROGATE.search(text) is not None:
        outcome, text = "invalid", _clean(text)
    if len(text) > MAX_TEXT:
        outcome, text = "invalid", text[:MAX_TEXT]
    if structured:
        if outcome == "ok" and any(_unsafe(one) for one in texts_of(text)):
            outcome = "invalid"
    elif template_mark(text) is not None or (not plain and _CONTROL.search(text) is not None):
        outcome = "invalid"
    return outcome, text, _clean(thought[:MAX_TEXT])


def _unsafe(text: str) -> bool:
    """Whether a string of a structured reply may not be handed on."""
    surrogate = not text.isascii() and _SURROGATE.search(text) is not None
    return surrogate or _CONTROL.search(text) is not None or template_mark(text) is not None


def _clean(text: str) -> str:
    """A text that can be stored: lone surrogates become U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
