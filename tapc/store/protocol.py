"""What a store is to those who use it: replies to read, accounts to claim on, and what an account answers.

The fold, the session, the dispatcher and programs import this module of the package and no other (import-linter holds
that), so another store fits wherever it keeps to `StoreProtocol`. The protocols are in the package of the store, not
with their users: an implementation has to satisfy all users at once, and reads here, in one place, what they rely on.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from tapc.ir import Budget, Price
from tapc.jobs import Job, Reply, WorstCase

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
    """A run is asking this job now.

    Attributes:
        run: its id; may be one's own.
    """

    run: str


class Denied(msgspec.Struct, frozen=True, gc=False):
    """A ceiling leaves too little, whatever becomes of the requests in flight.

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
        waiting: claims that wait for money under a ceiling.
    """

    spent: Amount
    held: Amount
    run_spent: Amount
    run_held: Amount
    run_unknown: Amount
    waiting: int


class Measured(msgspec.Struct, frozen=True):
    """One measurement.

    Attributes:
        name: what it is of, such as a plan digest, a run, or a server and model.
        at: when it was written, in seconds since 1970.
        value: the document, as it was written.
    """

    name: str
    at: int
    value: bytes


class Replies(Protocol):
    """Where stored replies are read."""

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, Reply]:
        """Stored replies of those keys that have one."""
        ...


class Account(Protocol):
    """One run's account.

    The methods are plain functions that return futures of the running loop: they may be called without awaiting, and
    work starts at once. Cancelling the wait for a claim gives the claim back; cancelling another wait changes nothing.
    Each `Claim` that is granted ends in exactly one of `settle`, `release` and `unknown`.

    Attributes:
        id: name of the run; names sort by the start of their runs.
    """

    id: str

    def claim(self, job: Job, worst: WorstCase) -> "asyncio.Future[Answer]":
        """T1: hold the worst case of a job, durably, before it is sent.

        It waits while others in flight hold what it needs, and is denied only when what is spent leaves too little.
        """
        ...

    def settle(self, claim: Claim, reply: Reply, *, label: str, chars: int) -> "asyncio.Future[Settled]":
        """T2: store the reply and charge what it used; done when both are durable.

        Args:
            claim: what was held.
            reply: as it will be read from now on.
            label: under which its usage enters the history of estimates; empty for none.
            chars: length of its texts in code points, for the history.
        """
        ...

    def release(self, claim: Claim) -> "asyncio.Future[None]":
        """T2r: proven unbilled."""
        ...

    def unknown(self, claim: Claim) -> "asyncio.Future[None]":
        """T2u: the outcome is not known; the worst case is charged."""
        ...

    def when_free(self, key: bytes) -> "asyncio.Future[None]":
        """Done when no run asks the job any more, whatever came of it."""
        ...

    def holders(self) -> "asyncio.Future[list[Holder]]":
        """Other runs with open intents: whom one may have to wait for."""
        ...

    def totals(self) -> Totals:
        """Where the run and its dataset stand, without waiting."""
        ...

    def keep(self, answers: list[tuple[Job, Reply]]) -> "asyncio.Future[None]":
        """Store replies that cost nothing, which is what programs give. A reply that is stored already stands."""
        ...

    def give_up(self, job: Job) -> "asyncio.Future[Reply | Busy]":
        """Record a durable `gave_up` for a job that cannot be had; a reply that is stored already stands."""
        ...

    def close(self) -> None:
        """Wait for what is under way, charge claims still open as unknown, and end the run."""
        ...


class StoreProtocol(Replies, Protocol):
    """A store as a run uses it."""

    def account(self, dataset: str, budget: Budget, max_cost: int | None) -> Account:
        """Register a run on the account of a dataset.

        Args:
            dataset: its name; the account runs over all its revisions.
            budget: ceilings of this run's claims.
            max_cost: picodollars this run may spend, in addition to the budget.
        """
        ...

    def measured(self, dataset: str, kind: str) -> list[Measured]:
        """What runs of a dataset measured, the latest first; of an empty dataset, what concerns all of them."""
        ...

    def measure(self, dataset: str, kind: str, name: str, value: bytes, *, keep: int | None = None) -> None:
        """Keep a measurement for later plans, in place of an earlier one of the same name.

        Args:
            dataset: its name; empty if it concerns all.
            kind: such as `pace`.
            name: what it is of.
            value: the document.
            keep: number of the latest ones of this kind to keep; None means all.
        """
        ...

    def close(self) -> None:
        """End this process's runs and let go of the files."""
        ...
