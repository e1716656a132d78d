"""Reads replies: outcome, texts, reasoning, usage.

The messages of a body are decoded first and for their own sake. Everything else in it (usage, indices, fingerprints,
fields that nobody knows) is read on its own, and what cannot be read of it is counted, charged at the worst case where
it is about money, and never costs a text that was paid for.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import msgspec

from tapc.endpoints.replies.bodies import MAX_PLAIN
from tapc.endpoints.replies.ends import FinishOutcome, finish_outcome
from tapc.endpoints.replies.failures import Failure
from tapc.endpoints.replies.message import Said, read_message
from tapc.endpoints.replies.structured import Schema, texts_of
from tapc.endpoints.replies.unusual import Chat, Choice, Form, Headers, NoCompletion, PatientReader, Scores
from tapc.endpoints.replies.usage import read_usage
from tapc.jobs import Job, Outcome, Reply, Usage, WorstCase
from tapc.marks import split_thoughts, template_mark
from tapc.outside.secrets import Secrets
from tapc.outside.visible import one_line

MAX_TEXT = 8 * 1024 * 1024
"""Characters of one completion at most; a longer one is `invalid` and kept to this length."""

MOST_TRIES = 3
"""Of a job whose generation broke off, or that an endpoint answers with an error under a status of success."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ORDER: tuple[Outcome, ...] = ("invalid", "filtered", "refusal", "length", "ok")
"""With several completions in one reply, the first of these that occurs is the outcome."""

_FINISH_SHOWN = 64
_NAME_SHOWN = 256
_NAMES = 256
"""Names that are remembered."""

_CHAT = msgspec.json.Decoder(Chat, strict=False)
_SCORES = msgspec.json.Decoder(Scores, strict=False)
_UNDECODED = (msgspec.MsgspecError, UnicodeError, RecursionError)


class Reader:
    """Reads the replies of one endpoint's replica.

    Args:
        origin: stands in every reply.
        secrets: what a reply must not echo.
        odd: told of every oddity, by its kind.
        split: told of every thought that was split off a text, by the mark it was found by.
    """

    def __init__(
        self,
        origin: str,
        secrets: Secrets,
        odd: Callable[[str], None] = lambda _: None,
        split: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._origin = origin
        self._secrets = secrets
        self._odd = odd
        self._split = split
        self._patient = PatientReader(odd)
        self._names: dict[tuple[str, int], str] = {}
        self._schemas: dict[bytes, Schema] = {}

    def read(
        self, job: Job, body: bytes, worst: WorstCase, seconds: float, headers: Headers = (), most: int = MAX_PLAIN
    ) -> Reply | Failure:
        """The reply in a body, or the failure that a completion reports of itself.

        Raises:
            Unreadable: it is none.
            NoCompletion: it says something else instead.
        """
        if job.recipe.kind == "chat":
            return self._chat(job, body, worst, seconds, (headers, most))
        return self._score(job, body, worst, seconds, (headers, most))

    def filtered(self, job: Job, usage: Usage | None = None, cost: int = 0) -> Reply:
        """The reply that stands for a prompt turned down by a content filter; a complete refusal is not billed."""
        return Reply("filtered", ("",) * job.recipe.n, usage or Usage(0, 0), cost, origin=self._origin)

    def _chat(self, job: Job, body: bytes, worst: WorstCase, seconds: float, form: Form) -> Reply | Failure:
        plain = b"\\" not in body or b"\\u00" not in body  # no control character: JSON must write them as escapes
        try:
            chat: Chat = _CHAT.decode(body)
        except _UNDECODED:
            chat, plain = self._patient.chat(form, body), False
        if not chat.choices:
            raise NoCompletion(body, chat.usage)
        choices = self._ordered(chat.choices) if len(chat.choices) > 1 else chat.choices
        schema = self._schema(job)
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
        model, fingerprint = self._name(chat.model, "model"), self._name(chat.system_fingerprint, "fingerprint")
        if self._secrets and self._secrets.leaked(
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
            self._origin,
            seconds,
            tuple(finishes) if any(finishes) else (),
        )

    def _score(self, job: Job, body: bytes, worst: WorstCase, seconds: float, form: Form) -> Reply:
        try:
            scores: Scores = _SCORES.decode(body)
        except _UNDECODED:
            scores = self._patient.scores(form, body)
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
        model = self._name(scores.model, "model")
        if self._secrets.leaked(*texts, *(text for text in (scores.model,) if isinstance(text, str))):
            outcome, texts, model = "leak", [""] * len(texts), ""
        return Reply(outcome, tuple(texts), usage, cost, (), model, "", self._origin, seconds)

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
        return outcome, text, thought, self._kept(word, _FINISH_SHOWN) if word else ""

    def _shown(self, word: str) -> str:
        """A finish word for people; masked before it is cut, since half a key would not be known for one."""
        return one_line(self._secrets.mask(word[:4096]), _FINISH_SHOWN)

    def _ordered(self, choices: list[Choice]) -> list[Choice]:
        """Completions by their index, where all state one."""
        places = [choice.index for choice in choices]
        if all(isinstance(place, int) for place in places):
            return sorted(choices, key=lambda choice: choice.index)
        self._odd("index is not a number")
        return choices

    def _name(self, given: Any, what: str) -> str:
        """A name that a server gives itself, in what can be stored."""
        if isinstance(given, str):
            return self._kept(given, _NAME_SHOWN) if given else ""
        if given is not None:
            self._odd(f"{what} is not a text")
        return ""

    def _kept(self, name: str, most: int) -> str:
        """A name as it can be stored and shown; servers repeat theirs in every reply."""
        found = self._names.get((name, most))
        if found is None:
            found = one_line(name[:512], most)
            if len(self._names) < _NAMES and len(name) <= _NAME_SHOWN:
                self._names[name, most] = found
        return found

    def _schema(self, job: Job) -> Schema | None:
        text = job.recipe.schema
        if text is None:
            return None
        found = self._schemas.get(text)
        if found is None:
            found = self._schemas[text] = Schema(text)
        return found


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


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _clean(text: str) -> str:
    """A text that can be stored: lone surrogates become U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
