"""Makes the bodies of chat requests, and leaves out or renames what an endpoint refuses."""

import re
from typing import Any

import msgspec

from tapc.endpoints.protocols.protocol import Capabilities
from tapc.jobs import Job, Recipe, derived_seed

_ENCODER = msgspec.json.Encoder()

PROMPTED = (
    "Answer with one JSON value and nothing else, no prose and no code fence. "
    "It must be valid against this JSON Schema:\n"
)
"""Comes before the schema where an endpoint refuses `response_format`."""

PROMPTED_OVERHEAD = len(PROMPTED) + 32
"""Tokens at most that the instruction adds beyond the schema's own, which every bound already counts."""

LIMIT_FIELDS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""Names of the output limit, and what to send where a server refuses one."""

_FORMAT_WORDS = ("response_format", "json_schema", "structured", "guided", "grammar")
_NOT_KNOWN = re.compile(
    r"unsupported|not supported|isn't supported|does not support|unrecognized|unknown|unexpected|extra|not permitted|"
    r"not allowed|deprecated|invalid_parameter|no such"
)


class ChatRequests:
    """Bodies for the jobs of one recipe; what they share is encoded once."""

    def __init__(self, recipe: Recipe, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        shared: dict[str, Any] = {"model": recipe.model} | msgspec.json.decode(recipe.parameters, type=dict[str, Any])
        for name, other in LIMIT_FIELDS.items():
            if name in capabilities.refused and shared.get(name) == recipe.max_tokens:
                shared[other] = shared.pop(name)
        self._limits = [name for name in LIMIT_FIELDS if shared.get(name) == recipe.max_tokens]
        self._structured = recipe.schema is not None and "response_format" not in capabilities.refused
        self._instruction: str | None = None
        if recipe.schema is not None and self._structured:
            wanted = {"name": "reply", "schema": msgspec.Raw(recipe.schema), "strict": True}
            shared.setdefault("response_format", {"type": "json_schema", "json_schema": wanted})
        elif recipe.schema is not None:
            shared.pop("response_format", None)
            self._instruction = PROMPTED + recipe.schema.decode("utf-8")
        self._seeded = recipe.seeded and "seed" not in capabilities.refused
        self._prefix = _ENCODER.encode(shared)[:-1]

    def encode(self, job: Job) -> bytes:
        """See `Speaker.encode`."""
        parts = [self._prefix, b',"messages":', _ENCODER.encode(job.messages)]
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

    def adapt(self, said: str) -> bool:
        """See `Speaker.adapt`."""
        capabilities = self._capabilities
        if self._limit(said):
            return True
        if self._structured and any(word in said for word in _FORMAT_WORDS):
            capabilities.refuse(
                "response_format", "it refuses `response_format`; schemas are sent in the prompt instead"
            )
            return True
        if self._seeded and "seed" in said:
            capabilities.refuse("seed", "it refuses `seed`; none is sent")
            return True
        return False

    def _limit(self, said: str) -> bool:
        """Whether the name of the output limit is refused, and the other one is left to try."""
        refused = self._capabilities.refused
        for name in self._limits:
            other = LIMIT_FIELDS[name]
            if name in refused:
                return True  # sent before it was known
            if other in refused or not _refuses(name, other, said):
                return False
            self._capabilities.refuse(name, f"it refuses `{name}`; the limit is sent as `{other}`")
            return True
        return False


def _refuses(name: str, other: str, said: str) -> bool:
    """Whether a refusal is about the name of a limit, not about its value."""
    if re.search(rf"\b{name}\b", said) is None:
        return False
    return (
        re.search(rf"\buse\W+{other}\b|\b{other}\b.{{0,40}}\binstead\b", said) is not None
        or re.search(rf"(?:{_NOT_KNOWN.pattern})[^\n]{{0,80}}\b{name}\b", said) is not None
        or re.search(rf"\b{name}\b[^\n]{{0,80}}(?:{_NOT_KNOWN.pattern})", said) is not None
        or any(line.startswith(("unsupported_parameter", "extra_forbidden")) for line in said.splitlines())
    )
