"""Sends single jobs with few retries, and never beyond an agreed cost."""

import asyncio
from typing import Any, Literal

import msgspec

from tapc.endpoints.client import Failure, ReplicaClient
from tapc.endpoints.protocols import bound, protocol_of
from tapc.jobs import Job, Reply, WorstCase

TRIES = 4
"""Most requests of one job that may fail for temporary reasons."""

_CHANGES = 3
_LONGEST_WAIT = 5.0


class SpendLimit:
    """What may be spent, in picodollars; the worst case of a request is reserved before it is sent."""

    def __init__(self, cap: int) -> None:
        self._left = cap
        self.spent = 0
        self.requests = 0

    def take(self, amount: int) -> bool:
        """Reserve the worst case of a request; return whether it may be sent."""
        if amount > self._left:
            return False
        self._left -= amount
        self.requests += 1
        return True

    def settle(self, worst: int, used: int) -> None:
        """Replace a reserved worst case by what the request cost."""
        self._left += worst - used
        self.spent += used


class Asked(msgspec.Struct, frozen=True):
    """What came of a job.

    Attributes:
        result: the reply, or the last failure.
        body: the body that the reply was read from.
        refused: the message of the first failure, if the endpoint took the request only after a change.
    """

    result: Reply | Failure
    body: bytes = b""
    refused: str = ""


def bound_of(job: Job) -> WorstCase:
    """The worst case of one request, in which the schema may be part of the prompt."""
    return bound(job, protocol_of(job.recipe))


async def ask(client: ReplicaClient, job: Job, limit: SpendLimit) -> Asked:
    """Send a job until it is answered, refused for good, or has failed too often."""
    worst = bound_of(job)
    tries = changes = 0
    refused = ""
    while True:
        if not limit.take(worst.cost):
            return Asked(Failure("unbilled", "status", "not sent: it could cost more than agreed"))
        result, answer = await client.send(job, worst)
        if isinstance(result, Reply):
            limit.settle(worst.cost, result.cost)
            return Asked(result, answer[2] if answer else b"", refused)
        limit.settle(worst.cost, worst.cost if result.bill == "unknown" else 0)
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
    """Where the first message of a reply has its reasoning: in a field, or in the text."""
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
    """Names in a list of models, and the model that is served under each if the server says so."""
    try:
        entries = msgspec.json.decode(body, type=_Models).data
    except ValueError:
        return [], {}
    return [e.id for e in entries], {e.id: e.root for e in entries if e.root}
