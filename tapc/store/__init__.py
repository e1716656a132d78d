"""Replies and ledger in one embedded database, `store.db` in the store's folder (`.tapc`).

`protocol.py` says what users of any store rely on, and is all that the engine and the dispatcher import; the workspace
opens this one and passes it in. Why it is one SQLite file: docs/decisions/store.md; why money is held before a request
is sent: docs/decisions/ledger.md.

- `store.py`, `run.py`: the store and one run's account, as they are called.
- `writer.py`, `operations.py`, `transaction.py`: one thread writes, in batches; a batch is a transaction.
- `ledger.py`, `book.py`: the tables of accounts, and their sums in memory; `schema.py`, `codec.py`, `reading.py`,
  `rows.py`: what is on disk, written and read with checks.
- `locks.py`, `liveness.py`, `place.py`: several processes, dead ones, disks.
- `inventory.py`, `mending.py`, `collecting.py`, `transfer.py`, `account_status.py`, `history.py`, `finishes.py`: what
  people ask of a store; `measured.py`: what runs measured, for later plans.

Above it are endpoints, engine and workspace; below it `tapc.jobs` and `tapc.ir`. Start reading in `protocol.py`, then
`transaction.py`. Tests play the store against models and kill its processes (`tests/store`).

Contract for those who build on it:

    store = open_store(Path(".tapc"))                  # StoreError(code, message, next_step) where it cannot be used
    store.get(keys) -> dict[bytes, Reply]              # synchronous, batched, checksums verified; what is damaged is
                                                       # absent from the answer and listed in `store.damaged`
    store.contains(keys) -> set[bytes]                 # for plans; reads no content
    run = store.account("dataset", budget, max_cost)   # registers a run; spent money of crashed runs is charged first

Money is whole picodollars, tokens are input + output. One job goes through

    answer = await run.claim(job, worst)               # T1, durable when it returns; only then send
        Claim    yours: send, then exactly one of settle, release, unknown
        Stored   it is stored already: `answer.reply`, nothing is held
        Busy     another task or a live run is asking it: `await run.when_free(job.key)`, then claim again.
                 Give the endpoint's permit back before waiting
        Denied   a ceiling is reached: `answer.scope` ("dataset", "run", "step", "endpoint"), `answer.name`,
                 `answer.resource` ("cost", "tokens", "requests"), `answer.cap`, `answer.spent`, `answer.worst`
    settled = await run.settle(claim, reply, label=…, chars=…)   # T2, durable when it returns: hand the reply on after
                 `settled.overrun`: usage was above the bound (charged nevertheless): stop the endpoint, exit 5
    await run.release(claim)                           # T2r: proven unbilled
    await run.unknown(claim)                           # T2u: charged at the worst case; a further try is a new claim
    await run.holders()  # other runs with open intents, and whether their processes are suspended
    await run.give_up(job)                             # durable `gave_up` for a job that cannot be had

A claim waits (in order of asking, for as long as it takes) while other requests in flight hold what it needs; it is
denied only when what is *spent* leaves too little, whatever becomes of those in flight. The methods are plain functions
that return futures of the running loop: they may be called without awaiting, work starts at once. Cancelling the
wait for a claim gives the claim back; cancelling the others changes nothing. `settle` charges what `reply.usage`
costs at the claim's price (or `reply.cost` where that is more). Where usage is missing, pass the worst case as usage
with `estimated=True`. After a full or failing disk every waiting operation raises StoreError, and further claims do
at once; what was answered before is kept.

`run.totals()` gives spent, held and open intents without waiting; `run.close()` and `store.close()` wait for what is
queued, and charge claims still open as unknown. Nothing here sees headers, keys or the environment.

For people: `stats`, `verify`, `mend`, `collect` (gc), `export_replies`, `import_replies`, `accounts`, `adjust`,
`is_live`, `is_suspended`, `store.history(prefix)`, `store.measure` and `store.measured` for estimates,
`store.of_draw(draw)` for replies to compare a job with, and `store.ended()` for the words by which endpoints ended
their replies.

The database is of schema 2 (`schema.py`); one of schema 1 is read as it is, and brought to schema 2 when it is opened
to be written. Nothing in a row is believed: `rows.py` checks what is shown or added up, `proof.py`
whether the ledger's tables agree.
"""

from tapc.store.account_status import AccountStatus, Entry, LineStatus, RunStatus, accounts, adjust
from tapc.store.collecting import Collected, collect
from tapc.store.errors import StoreError, damaged
from tapc.store.finishes import Ended
from tapc.store.history import UsedSoFar
from tapc.store.inventory import SourceStats, StoreStats, Verification, stats, verify
from tapc.store.liveness import is_live, is_suspended
from tapc.store.mending import Mended, mend
from tapc.store.place import has_database
from tapc.store.proof import ledger_disagrees
from tapc.store.protocol import Amount, Answer, Busy, Claim, Denied, Holder, Measured, Settled, Stored, Totals
from tapc.store.reading import Origin
from tapc.store.run import Run
from tapc.store.store import Store, open_store
from tapc.store.transfer import (
    MAX_IMPORT,
    Exported,
    Imported,
    all_keys,
    export_replies,
    import_replies,
    reachable_keys,
)

__all__ = [
    "MAX_IMPORT",
    "AccountStatus",
    "Amount",
    "Answer",
    "Busy",
    "Claim",
    "Collected",
    "Denied",
    "Ended",
    "Entry",
    "Exported",
    "Holder",
    "Imported",
    "LineStatus",
    "Measured",
    "Mended",
    "Origin",
    "Run",
    "RunStatus",
    "Settled",
    "SourceStats",
    "Store",
    "StoreError",
    "StoreStats",
    "Stored",
    "Totals",
    "UsedSoFar",
    "Verification",
    "accounts",
    "adjust",
    "all_keys",
    "collect",
    "damaged",
    "export_replies",
    "has_database",
    "import_replies",
    "is_live",
    "is_suspended",
    "ledger_disagrees",
    "mend",
    "open_store",
    "reachable_keys",
    "stats",
    "verify",
]
