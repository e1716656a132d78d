"""What the ledger answers."""

from typing import Literal

import msgspec

from tapc.ir import Price
from tapc.jobs import Reply, WorstCase

ScopeKind = Literal["dataset", "run", "step", "endpoint"]
Resource = Literal["cost", "tokens", "requests"]


class Claim(msgspec.Struct, frozen=True, gc=False):
    """An open intent.

    Attributes:
        run: id of the run it belongs to.
        key: of the job.
        step, endpoint, realm: of its recipe.
        worst: what is held until it is settled, released or unknown.
        price: frozen when claimed; None means free.
        parts: of the job's key, see `tapc.jobs.parts`.
    """

    run: str
    key: bytes
    step: str
    endpoint: str
    realm: Literal["real", "sim"]
    worst: WorstCase
    price: Price | None
    parts: bytes = b""


class Stored(msgspec.Struct, frozen=True, gc=False):
    """The reply is there already; nothing is held."""

    reply: Reply


class Busy(msgspec.Struct, frozen=True, gc=False):
    """Somebody is asking this job now.

    Attributes:
        run: its id; may be one's own.
    """

    run: str


class Denied(msgspec.Struct, frozen=True, gc=False):
    """A ceiling leaves no room, whatever becomes of the requests in flight.

    Attributes:
        scope, name: which ceiling (name of the dataset, run, step or endpoint).
        resource: of what.
        cap: the ceiling.
        spent: of it, for good.
        worst: what the request could have used.
    """

    scope: ScopeKind
    name: str
    resource: Resource
    cap: int
    spent: int
    worst: int


class Settled(msgspec.Struct, frozen=True, gc=False):
    """A reply is stored and charged.

    Attributes:
        cost: picodollars charged.
        overrun: whether usage or cost was above the worst case: the endpoint breaks its promise.
        bounded: whether a ceiling on cost applies to the request.
    """

    cost: int
    overrun: bool
    bounded: bool = False


Answer = Claim | Stored | Busy | Denied


class Holder(msgspec.Struct, frozen=True, gc=False):
    """Another run that asks jobs now.

    Attributes:
        run, pid: its id and process.
        requests, cost: its open intents, and picodollars held for them.
        suspended: whether its process is stopped by a signal, as far as the system says.
    """

    run: str
    pid: int
    requests: int
    cost: int
    suspended: bool


class Amount(msgspec.Struct, frozen=True, gc=False):
    """Picodollars, tokens (input and output), requests."""

    cost: int = 0
    tokens: int = 0
    requests: int = 0


class Totals(msgspec.Struct, frozen=True, gc=False):
    """Where a run stands.

    Attributes:
        spent, held: of the dataset's account, all runs together, as of the last transaction of this process.
        run_spent, run_held: of this run alone.
        run_unknown: part of `run_spent` charged at the worst case, the outcome not being known; no tokens are told.
        waiting: claims that wait for room under a ceiling.
    """

    spent: Amount
    held: Amount
    run_spent: Amount
    run_held: Amount
    run_unknown: Amount
    waiting: int
