"""`tapc budget` and `tapc status`: accounts and runs as documents."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tapc.ir import PICO
from tapc.store import (
    AccountStatus,
    Amount,
    LineStatus,
    RunStatus,
    Store,
    accounts,
    is_live,
    is_suspended,
    ledger_disagrees,
)


class Document(BaseModel):
    """The base of the documents that `tapc budget` and `tapc status` print with `--json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sum(Document):
    """An amount: money in US dollars, tokens (input and output), requests."""

    usd: float
    tokens: int
    requests: int


class Caps(Document):
    """The ceilings of an account; null means that the spec states none."""

    usd: float | None
    tokens: int | None
    requests: int | None


class AccountLine(Document):
    """One account: of a dataset, a run, a step or an endpoint."""

    kind: Literal["dataset", "run", "step", "endpoint"]
    name: str
    spent: Sum
    held: Sum = Field(description="worst cases of requests in flight")
    unknown: Sum = Field(description="part of `spent` charged at the worst case, the outcome not being known")
    ceiling: Caps = Field(description="as stated by the latest run")


class JournalEntry(Document):
    """An entry of the journal: a correction, a crash or an overrun."""

    at: str
    event: str
    amount: Sum
    note: str


class Account(Document):
    """A dataset's account over all its runs; its own line first."""

    dataset: str
    lines: list[AccountLine]
    journal: list[JournalEntry]
    wrong: list[str] = Field(
        default_factory=list,
        description="where the lines disagree with the settlements; if there are any, no figure can be trusted",
    )


class BudgetDocument(Document):
    """`tapc budget show --json`."""

    schema_: Literal["tapc.budget/1"] = Field(default="tapc.budget/1", alias="schema")
    store: str
    accounts: list[Account]


class RunLine(Document):
    """One run.

    `state` is `running`, `suspended` (its process is stopped), `ended`, or `crashed` (its process is gone; the next
    run charges what it holds at the worst case).
    """

    id: str
    dataset: str
    pid: int
    state: Literal["running", "suspended", "ended", "crashed"]
    started: str
    seconds: int
    spent: Sum
    held: Sum


class InFlight(Document):
    """Requests in flight of a step or an endpoint over all runs, and the cost of their worst case."""

    dataset: str
    kind: Literal["step", "endpoint"]
    name: str
    requests: int
    usd: float


class StatusDocument(Document):
    """`tapc status --json`."""

    schema_: Literal["tapc.status/1"] = Field(default="tapc.status/1", alias="schema")
    store: str
    running: list[RunLine]
    in_flight: list[InFlight]
    accounts: list[AccountLine] = Field(description="the dataset lines of all accounts")
    latest: list[RunLine] = Field(description="runs that have ended, the latest first")
    wrong: list[str] = Field(default_factory=list, description="accounts that disagree with their settlements")


def budget_document(store: Store, dataset: str | None = None) -> BudgetDocument:
    """All accounts of a store, or one."""
    return BudgetDocument(
        store=str(store.folder),
        accounts=[_account(a) for a in accounts(store) if dataset is None or a.dataset == dataset],
    )


def status_document(store: Store, *, latest: int = 5) -> StatusDocument:
    """Live runs, requests in flight, amounts spent and held against the ceilings, and the latest runs."""
    found = accounts(store)
    runs = [_run(store.folder, a.dataset, run) for a in found for run in a.runs]
    runs.sort(key=lambda run: (run.started, run.id), reverse=True)
    live = ("running", "suspended")
    return StatusDocument(
        store=str(store.folder),
        running=[run for run in runs if run.state in live],
        in_flight=[flight for a in found for line in a.lines if (flight := _flight(a.dataset, line)) is not None],
        accounts=[_line(line) for a in found for line in a.lines if line.kind == "dataset"],
        latest=[run for run in runs if run.state not in live][:latest],
        wrong=[text for a in found for text in a.wrong],
    )


def refuse_wrong(store: Path, wrong: list[str]) -> None:
    """Raise StoreError if accounts that were shown disagree with their settlements."""
    if wrong:
        raise ledger_disagrees(store, wrong)


def _flight(dataset: str, line: LineStatus) -> InFlight | None:
    if line.kind not in ("step", "endpoint") or not line.held.requests:
        return None
    return InFlight(
        dataset=dataset, kind=line.kind, name=line.name, requests=line.held.requests, usd=line.held.cost / PICO
    )


def _account(account: AccountStatus) -> Account:
    return Account(
        dataset=account.dataset,
        lines=[_line(line) for line in account.lines],
        journal=[
            JournalEntry(at=_when(e.at), event=e.event, amount=_sum(e.amount), note=e.note) for e in account.journal
        ],
        wrong=list(account.wrong),
    )


def _line(line: LineStatus) -> AccountLine:
    cap = line.ceiling
    return AccountLine(
        kind=line.kind,
        name=line.name,
        spent=_sum(line.spent),
        held=_sum(line.held),
        unknown=_sum(line.unknown),
        ceiling=Caps(usd=None if cap.cost is None else cap.cost / PICO, tokens=cap.tokens, requests=cap.requests),
    )


def _run(folder: Path, dataset: str, run: RunStatus) -> RunLine:
    state: Literal["running", "suspended", "ended", "crashed"] = "ended"
    if run.ended is None:
        state = "crashed"
        if is_live(folder, run.id):
            state = "suspended" if is_suspended(run.pid) else "running"
    elif run.end == "crashed":
        state = "crashed"
    end = run.ended if run.ended is not None else int(time.time())
    return RunLine(
        id=run.id,
        dataset=dataset,
        pid=run.pid,
        state=state,
        started=_when(run.started),
        seconds=max(0, end - run.started),
        spent=_sum(run.spent),
        held=_sum(run.held),
    )


def _sum(amount: Amount) -> Sum:
    return Sum(usd=amount.cost / PICO, tokens=amount.tokens, requests=amount.requests)


def _when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
