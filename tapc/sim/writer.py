"""From a request to a text: language, topic and kind are read from the prompt once, then each completion is written."""

from typing import Any, cast

import msgspec

from tapc.sim.banks import Bank, bank, languages
from tapc.sim.config import SimConfig
from tapc.sim.draws import Draws, chance, digest
from tapc.sim.fill import Author, Filler
from tapc.sim.judging import Court, court
from tapc.sim.language import answer_language
from tapc.sim.prose import answer, question
from tapc.sim.quality import model_quality
from tapc.sim.topic import seeks_question, topic_of
from tapc.sim.wire import BadRequest, ChatRequest

COMMON_TEXTS = 8
"""How many texts the duplicates fault shares out in each language."""


class Assignment(msgspec.Struct, frozen=True):
    """What a request asks for.

    Attributes:
        model: who writes.
        tag, bank: the language to write in.
        topic: words to mention.
        question: whether a question is wanted, not an answer.
        schema: of structured output, or None.
        court: the texts to be judged, or None.
        thinks: whether the request turns hidden reasoning on.
    """

    model: str
    tag: str
    bank: Bank
    topic: str
    question: bool
    schema: dict[str, Any] | None
    court: Court | None
    thinks: bool

    def reasoning(self, key: bytes, limit: int) -> str:
        """Hidden reasoning of at most so many tokens."""
        draws = Draws(key, b"reasoning")
        return answer(self.bank, draws, self.topic, 0.5, max(16, limit // 2))[: limit * 4 // 4 or 1]


def assignment(request: ChatRequest) -> Assignment:
    """Read what a request asks for.

    Raises:
        BadRequest: the response format is not understood.
    """
    system, user = _split(request)
    tag = answer_language(system, user)
    words = bank(tag)
    schema = _schema(request)
    if schema is None:
        schema = find_schema(f"{system}\n{user}")
    judged = court(system, user) if schema is not None else None
    wanted = seeks_question(f"{system}\n{user}", words.q)
    switches = request.chat_template_kwargs or {}
    thinks = bool(switches.get("enable_thinking") or switches.get("thinking"))
    thinks = thinks or request.reasoning_effort not in (None, "none")
    return Assignment(request.model, tag, words, topic_of(user), wanted, schema, judged, thinks)


def write(work: Assignment, key: bytes, limit: int, config: SimConfig) -> str:
    """Write one completion; content faults are decided by its key."""
    words = work.bank
    if chance(config.rate_wrong_language, key, b"wrong language"):
        words = bank(_other(work.tag, key))
    if chance(config.rate_duplicate, key, b"duplicate"):
        key = Draws(key, b"common").below(COMMON_TEXTS).to_bytes(4, "big")
        work = msgspec.structs.replace(work, topic=work.bank.head[0].strip(" ,，、،"))
    if work.court is not None and chance(config.rate_tie, digest(work.court.case), b"tie"):
        work = msgspec.structs.replace(work, court=msgspec.structs.replace(work.court, even=True))
    if work.schema is not None:
        text = _filled(work, work.schema, _author(work, words, limit), key)
        return _spoilt(text, key) if chance(config.rate_malformed, key, b"malformed") else text
    return _author(work, words, limit)(Draws(key), "", limit)


def _filled(work: Assignment, schema: dict[str, Any], author: Author, key: bytes) -> str:
    try:
        return Filler(schema, work.court, author, work.model, key).text()
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, ArithmeticError) as error:
        # a schema is a stranger's data: whatever is odd about it is the asker's mistake, as with real servers
        raise BadRequest(f"the schema is not understood: {error}", param="response_format") from error


def _author(work: Assignment, words: Bank, limit: int) -> Author:
    quality = model_quality(work.model)

    def author(draws: Draws, name: str, tokens_left: int) -> str:
        asked = work.question if not name else any(part in name.lower() for part in ("question", "prompt", "problem"))
        if asked:
            return question(words, draws, work.topic, min(tokens_left, limit))
        return answer(words, draws, work.topic, quality, min(tokens_left, limit))

    return author


def _spoilt(text: str, key: bytes) -> str:
    kind = Draws(key, b"malformed kind").below(3)
    if kind == 0:
        return text[: max(1, len(text) * 2 // 3)]
    if kind == 1:
        return f"Sure! Here is the JSON:\n{text.replace(':', ' =', 1)}"
    return '{"unexpected": [1, 2, 3]}'


def _other(tag: str, key: bytes) -> str:
    tags = [other for other in languages() if other.split("-")[0] != tag.split("-", maxsplit=1)[0]]
    return tags[Draws(key, b"other language").below(len(tags))]


def _split(request: ChatRequest) -> tuple[str, str]:
    """System text, and the last message of the user (with the preceding one if it is short)."""
    system = "\n".join(message.text for message in request.messages if message.role in ("system", "developer"))
    users = [message.text for message in request.messages if message.role == "user"]
    return system, users[-1] if users else request.messages[-1].text


def _schema(request: ChatRequest) -> dict[str, Any] | None:
    wanted = request.response_format
    if wanted is None or wanted.get("type") == "text":
        return None
    if wanted.get("type") == "json_object":
        return find_schema("\n".join(message.text for message in request.messages)) or {"type": "object"}
    described: Any = wanted.get("json_schema")
    schema: Any = described.get("schema") if isinstance(described, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    if wanted.get("type") != "json_schema" or not isinstance(schema, dict):
        raise BadRequest(
            "response_format must be text, json_object or json_schema with a schema", param="response_format"
        )
    return cast("dict[str, Any]", schema)


MAX_STARTS = 64


def find_schema(prompt: str) -> dict[str, Any] | None:
    """The last JSON Schema of an object that the prompt holds, or None.

    A JSON value is read from each `{` on, as far as its braces balance outside of strings.
    """
    if '"type"' not in prompt or '"properties"' not in prompt:
        return None
    found: dict[str, Any] | None = None
    at, starts = prompt.find("{"), 0
    while at >= 0 and starts < MAX_STARTS:
        starts += 1
        end = _balanced(prompt, at)
        data: Any = None
        if end > at:
            try:
                data = msgspec.json.decode(prompt[at:end])
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                data = None
        if isinstance(data, dict) and "properties" in data:
            found = cast("dict[str, Any]", data)
        at = prompt.find("{", end if data is not None else at + 1)
    return found


def _balanced(text: str, start: int) -> int:
    """Offset after the brace that closes the one at start, or start where none does."""
    depth, quoted, escaped = 0, False, False
    for at in range(start, len(text)):
        char = text[at]
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at + 1
    return start
