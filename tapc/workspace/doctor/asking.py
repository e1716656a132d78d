"""Sends a job once, with the patience a single question deserves, and never beyond an agreed cost."""

import asyncio
from typing import Any, Literal

import msgspec

from tapc.endpoints.client import PROMPTED_OVERHEAD, Failure, ReplicaClient
from tapc.jobs import Job, Reply, WorstCase, worst_case

TRIES = 4
"""Requests of one job at most that fail for reasons that may pass."""

_CHANGES = 3
_LONGEST_WAIT = 5.0


class Purse:
    """What may be spent, in picodollars; worst cases are taken out before sending."""

    def __init__(self, cap: int) -> None:
        self._left = cap
        self.spent = 0
        self.requests = 0

    def take(self, amount: int) -> bool:
        """Whether a request of this worst case may be sent."""
        if amount > self._left:
            return False
        self._left -= amount
        self.requests += 1
        return True

    def settle(self, worst: int, used: int) -> None:
        """It cost so much."""
        self._left += worst - used
        self.spent += used


class Asked(msgspec.Struct, frozen=True):
    """What came of a job: a reply with the body it was read from, or the last failure.

    `refused` is what the first failure said where the endpoint took the request only after a change.
    """

    result: Reply | Failure
    body: bytes = b""
    refused: str = ""


def bound_of(job: Job) -> WorstCase:
    """Worst case of one send, the schema in the prompt included."""
    return worst_case(job, 0 if job.recipe.schema is None else PROMPTED_OVERHEAD)


async def ask(client: ReplicaClient, job: Job, purse: Purse) -> Asked:
    """Send a job until it is answered, refused for good, or has failed too often."""
    worst = bound_of(job)
    tries = changes = 0
    refused = ""
    while True:
        if not purse.take(worst.cost):
            return Asked(Failure("unbilled", "status", "not sent: it could have cost more than was agreed to"))
        result, answer = await client.send(job, client.encode(job), worst)
        if isinstance(result, Reply):
            purse.settle(worst.cost, result.cost)
            return Asked(result, answer[2] if answer else b"", refused)
        purse.settle(worst.cost, worst.cost if result.bill == "unknown" else 0)
        if result.changed and changes < _CHANGES:
            changes += 1
            refused = refused or result.detail
            continue
        tries += 1
        if not result.retry or result.kind == "timeout" or tries >= TRIES:
            return Asked(result, answer[2] if answer else b"", refused)
        await asyncio.sleep(min(_LONGEST_WAIT, result.retry_after or 0.25 * 2**tries))


class _Message(msgspec.Struct):
    reasoning: Any = None
    reasoning_content: Any = None


class _Choice(msgspec.Struct):
    message: _Message


class _Chat(msgspec.Struct):
    choices: list[_Choice]


class _Model(msgspec.Struct):
    id: str
    root: str | None = None


class _Models(msgspec.Struct):
    data: list[_Model]


def reasoning_field(body: bytes, reply: Reply) -> Literal["reasoning", "reasoning_content", "inline"] | None:
    """Where the first message of a reply keeps its reasoning: a field of its own, or the text."""
    if not any(reply.reasoning):
        return None
    try:
        message = msgspec.json.decode(body, type=_Chat).choices[0].message
    except (ValueError, IndexError, RecursionError):
        return "inline"
    if message.reasoning:
        return "reasoning"
    return "reasoning_content" if message.reasoning_content else "inline"


def models_of(body: bytes) -> tuple[list[str], dict[str, str]]:
    """Names a list of models holds, and what is served under each, where the server says so."""
    try:
        entries = msgspec.json.decode(body, type=_Models).data
    except ValueError:
        return [], {}
    return [e.id for e in entries], {e.id: e.root for e in entries if e.root}
