"""Waits for other runs on the same store: for jobs they ask, and for money they hold. Both waits have an end."""

import asyncio
from collections.abc import Callable

from tapc.endpoints.dispatch.policy import Policy
from tapc.ir import dollars
from tapc.store.protocol import Account, Holder

_LOOK = 1.0
"""Seconds between looks at other runs, while something waits for them."""

_TELL = 3.0
"""Seconds of waiting after which it is said for whom."""


class _GivenUp(Exception):  # noqa: N818 - an answer, not a fault
    """A wait has ended without what was waited for; says why."""


class _Run:
    """Another run with jobs that are waited for here."""

    def __init__(self, now: float) -> None:
        self.watches: set[asyncio.Future[None]] = set()
        self.moved = now
        self.suspended: float | None = None
        self.given_up = ""
        self.told = False


class PeerRuns:
    """Keeps an eye on the runs that ours waits for.

    A run that is suspended for `Policy.suspended_seconds`, or frees nothing for `Policy.busy_seconds`, is not waited
    for any longer: its jobs stay without a reply here, and the rest goes on.

    Args:
        account: knows the other runs.
        policy: how long to wait.
        out_of_money: called with the reason when nothing of ours is in flight and all that waits, waits for money that
            others do not give back.
        broken: told of an error that ends the run.
        note: told once for whom is waited.
    """

    def __init__(
        self,
        account: Account,
        policy: Policy,
        *,
        out_of_money: Callable[[str], None],
        broken: Callable[[Exception], None],
        note: Callable[[str], None],
    ) -> None:
        self._account = account
        self._policy = policy
        self._out_of_money = out_of_money
        self._broken = broken
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._runs: dict[str, _Run] = {}
        self._penniless: float | None = None
        self._moneyed: dict[str, float] = {}
        self._told = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look on from now on."""
        self._task = self._loop.create_task(self._look_on())

    async def free(self, run: str, key: bytes) -> str:
        """Wait until a job that `run` is asking is free; returns why it will not be, or nothing when it is."""
        other = self._runs.get(run)
        if other is None:
            other = self._runs[run] = _Run(self._loop.time())
        if other.given_up:
            return other.given_up
        if not other.watches:
            other.moved = self._loop.time()
        watch = self._account.when_free(key)
        other.watches.add(watch)
        try:
            await watch
        except _GivenUp as why:
            return str(why)
        else:
            other.moved = self._loop.time()
            return ""
        finally:
            other.watches.discard(watch)

    async def aclose(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _look_on(self) -> None:
        try:
            await self._look()
        except Exception as error:  # noqa: BLE001 - the run ends, and says why; it would go unnoticed
            self._broken(error)

    async def _look(self) -> None:
        every = min(_LOOK, self._policy.suspended_seconds / 4, self._policy.busy_seconds / 4)
        while True:
            await asyncio.sleep(every)
            waited_for = [run for run, other in self._runs.items() if other.watches]
            totals = self._account.totals()
            penniless = totals.waiting > 0 and totals.run_held.requests == 0
            if not penniless:
                self._penniless, self._moneyed = None, {}
            if penniless or waited_for:
                holders = {holder.run: holder for holder in await self._account.holders()}
                for run in waited_for:
                    self._see_run(self._runs[run], holders.get(run))
                if penniless:
                    self._see_money(list(holders.values()))

    def _see_run(self, other: _Run, holder: Holder | None) -> None:
        now = self._loop.time()
        if holder is None:  # it has ended; its jobs come free one by one
            return
        other.suspended = (other.suspended or now) if holder.suspended else None
        waited = now - other.moved
        if not other.told and waited >= _TELL:
            other.told = True
            self._note(f"{len(other.watches):,} jobs wait for {_name(holder)}, which is asking them")
        why = ""
        if other.suspended is not None and now - other.suspended >= self._policy.suspended_seconds:
            why = f"{_name(holder)} is asking it, and has been suspended for {now - other.suspended:.0f} s"
        elif waited >= self._policy.busy_seconds:
            why = f"{_name(holder)} is asking it, and has answered nothing for {waited:.0f} s"
        if why:
            other.given_up = why
            for watch in list(other.watches):
                if not watch.done():
                    watch.set_exception(_GivenUp(why))

    def _see_money(self, holders: list[Holder]) -> None:
        """Everything of ours waits for money, and nothing of ours holds any."""
        now = self._loop.time()
        self._penniless = self._penniless or now
        self._moneyed = {h.run: self._moneyed.get(h.run, now) for h in holders if h.suspended}
        if not holders:
            return
        if not self._told and now - self._penniless >= _TELL:
            self._told = True
            self._note(f"requests wait for money that is held by {_names(holders)}")
        waited, stuck = now - self._penniless, len(self._moneyed) == len(holders)
        stopped = now - max(self._moneyed.values()) if stuck else 0.0
        if stopped >= self._policy.suspended_seconds:
            self._out_of_money(f"what is left is held by {_names(holders)}, suspended for {stopped:.0f} s")
        elif waited >= self._policy.busy_seconds:
            self._out_of_money(f"what is left is held by {_names(holders)} for {waited:.0f} s already")


def _name(holder: Holder) -> str:
    return f"run {holder.run} (process {holder.pid}{', suspended' if holder.suspended else ''})"


def _names(holders: list[Holder]) -> str:
    """The first few, with what they hold."""
    named = [f"{_name(h)}: {dollars(h.cost)} for {h.requests:,} requests" for h in holders[:3]]
    more = len(holders) - len(named)
    return "; ".join(named) + (f"; and {more:,} more" if more > 0 else "")
