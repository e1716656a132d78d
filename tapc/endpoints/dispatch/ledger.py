"""What the dispatcher needs of the ledger; `store.account(…)` offers it."""

import asyncio
from typing import Protocol

from tapc.jobs import Job, Reply, WorstCase
from tapc.store import Answer, Claim, Holder, Settled, Totals


class Ledger(Protocol):
    """One run's account; see `tapc.store` for what each answer means."""

    def claim(self, job: Job, worst: WorstCase) -> "asyncio.Future[Answer]":
        """T1. Waits while others in flight hold what it needs; cancelling gives the claim back."""
        ...

    def settle(self, claim: Claim, reply: Reply, *, label: str, chars: int) -> "asyncio.Future[Settled]":
        """T2: done when the reply is durable."""
        ...

    def release(self, claim: Claim) -> "asyncio.Future[None]":
        """T2r: proven unbilled."""
        ...

    def unknown(self, claim: Claim) -> "asyncio.Future[None]":
        """T2u: charged at the worst case."""
        ...

    def holders(self) -> "asyncio.Future[list[Holder]]":
        """Other runs with open intents."""
        ...

    def totals(self) -> Totals:
        """Where the run stands, without waiting."""
        ...

    def when_free(self, key: bytes) -> "asyncio.Future[None]":
        """Done when nobody asks the job any more."""
        ...
