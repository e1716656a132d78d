"""Makes the body of a request from a job, and says how large its reply can be."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import msgspec

from tapc.jobs import Job, Recipe, derived_seed

_ENCODER = msgspec.json.Encoder()

_KINDS = 64
"""Kinds of oddities that are counted apart; a server could make up any number."""

PROMPTED = (
    "Answer with one JSON value and nothing else, no prose and no code fence. "
    "It must be valid against this JSON Schema:\n"
)
"""Stands before the schema where an endpoint refuses `response_format`."""

PROMPTED_OVERHEAD = len(PROMPTED) + 32
"""Tokens at most that the instruction adds beyond the schema's own, which every bound already counts."""


_TOKEN_BYTES = 64
"""Of a reply for each token it may have: a token is four characters or so, escaped at worst, and some servers give
reasoning under two names."""

_LOGPROB_BYTES = 512
"""Of one token with its log probability and its bytes, indented."""

_INPUT_BYTES = 16
"""For each token of the prompt, which some servers echo, or give the numbers of."""

_REST_BYTES = 1_000_000
"""Everything else a server may add."""


@lru_cache(maxsize=1024)
def reply_bytes(output: int, given: int, parameters: bytes) -> int:
    """Bytes a reply may have: beyond that, the server does not honour the limit it was sent.

    Args:
        output: tokens all completions may have together, thinking included.
        given: tokens of the prompt at most.
        parameters: JSON text of what is sent with it; log probabilities make a reply much longer.
    """
    sent: Any = msgspec.json.decode(parameters) if b"logprobs" in parameters else {}
    wanted = cast("dict[str, Any]", sent if isinstance(sent, dict) else {})  # a program's command is a list
    size = output * (_TOKEN_BYTES + _LOGPROB_BYTES * _asked(wanted, "logprobs", "top_logprobs"))
    return size + given * (_INPUT_BYTES + _LOGPROB_BYTES * _asked(wanted, "prompt_logprobs")) + _REST_BYTES


def _asked(sent: dict[str, Any], *names: str) -> int:
    """Log probabilities asked of each token: of the token itself, and of so many others."""
    counts = [0 if value is True else value for name in names if isinstance(value := sent.get(name), int) and value > 0]
    return 1 + sum(counts) if counts else 0


LIMIT_FIELDS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""Names of the output limit, and what to send where a server refuses one."""


def _unheard(_line: str) -> None:
    """Where nobody listens."""


class Habits(msgspec.Struct):
    """What an endpoint turned out to do, remembered for one run; never part of a key.

    Attributes:
        schema: whether `response_format` may be sent; otherwise the schema goes into the prompt.
        seed: whether a derived seed may be sent.
        pooling: whether rewards come from `/pooling`; otherwise from `/score`.
        refused_limit: name of the output limit that it refuses; the other name is sent instead. Empty for none.
        tell: takes a line for people, each once.
        oddities: what was unusual in its replies, by kind.
        told: lines that were told.
    """

    schema: bool = True
    seed: bool = True
    pooling: bool = True
    refused_limit: str = ""
    tell: Callable[[str], None] = _unheard
    oddities: Counter[str] = msgspec.field(default_factory=Counter[str])
    told: set[str] = msgspec.field(default_factory=set[str])

    @property
    def state(self) -> tuple[bool, bool, bool, str]:
        """What bodies depend on."""
        return self.schema, self.seed, self.pooling, self.refused_limit

    def say(self, line: str) -> None:
        """Tell a line, once."""
        if line not in self.told:
            self.told.add(line)
            self.tell(line)

    def odd(self, kind: str) -> None:
        """Count something unusual in a reply."""
        if kind not in self.oddities and len(self.oddities) >= _KINDS:
            kind = "others"
        self.oddities[kind] += 1

    def split(self, mark: str) -> None:
        """A thought was split off a text."""
        self.odd(f"thought in the text: {mark}")
        self.say(f"its replies hold thoughts ({mark}); they are split off, and kept where an emit says `reasoning`")


def asks_score(body: bytes) -> bool:
    """Whether a body was made for `/score`; within a JSON string the quotation marks would be escaped."""
    return b',"text_2":' in body


class Body:
    """Bodies for the jobs of one recipe; what they share is encoded once."""

    __slots__ = ("_instruction", "_kind", "_prefix", "_seeded", "habits", "recipe")

    def __init__(self, recipe: Recipe, habits: Habits) -> None:
        self.recipe = recipe
        self.habits = habits.state
        shared: dict[str, Any] = {"model": recipe.model}
        self._instruction: str | None = None
        self._kind = "score" if recipe.kind == "pooling" and not habits.pooling else recipe.kind
        self._seeded = recipe.seeded and habits.seed and recipe.kind == "chat"
        if recipe.kind == "chat":
            shared |= msgspec.json.decode(recipe.parameters, type=dict[str, Any])
            refused = habits.refused_limit
            if shared.get(refused) == recipe.max_tokens:
                shared[LIMIT_FIELDS[refused]] = shared.pop(refused)
            if recipe.schema is not None:
                self._structure(shared, recipe.schema, habits)
        self._prefix = _ENCODER.encode(shared)[:-1]

    def _structure(self, shared: dict[str, Any], schema: bytes, habits: Habits) -> None:
        if habits.schema:
            wanted = {"name": "reply", "schema": msgspec.Raw(schema), "strict": True}
            shared.setdefault("response_format", {"type": "json_schema", "json_schema": wanted})
        else:
            shared.pop("response_format", None)
            self._instruction = PROMPTED + schema.decode("utf-8")

    def encode(self, job: Job) -> bytes:
        """JSON text of the body."""
        messages = job.messages
        if self._kind == "score":
            *context, last = messages
            pair = {"text_1": "\n".join(m.content for m in context), "text_2": last.content}
            return self._prefix + b"," + _ENCODER.encode(pair)[1:]
        parts = [self._prefix, b',"messages":', _ENCODER.encode(messages)]
        if self._instruction is not None:
            parts[2] = _ENCODER.encode(self._instructed(job))
        if self._seeded:
            parts.append(b',"seed":%d' % derived_seed(job.key))
        parts.append(b"}")
        return b"".join(parts)

    def _instructed(self, job: Job) -> list[dict[str, str]]:
        """The prompt with the instruction in its last user message: some chat templates take no late system message."""
        messages = [{"role": m.role, "content": m.content} for m in job.messages]
        if messages and messages[-1]["role"] == "user":
            messages[-1]["content"] += f"\n\n{self._instruction}"
        else:
            messages.append({"role": "user", "content": self._instruction or ""})
        return messages
