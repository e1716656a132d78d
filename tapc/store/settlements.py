"""Settlement totals: a second sum of what was spent, by which the accounts can be proved.

Replies name no dataset, and `gc` removes them, so nothing else can say what an account must hold. Each settlement,
unknown outcome, crash and correction is added here by statement, in the transaction that books it, from the
operations themselves and not from the books in memory. `verify` compares the two, and a run refuses to spend on an
account that disagrees: an emptied account must not open its budget anew.
"""

import sqlite3

from tapc.store import sql
from tapc.store.book import MOST
from tapc.store.protocol import Amount

_HEAD = ("INSERT INTO settled", 8)
_TAIL = "ON CONFLICT (dataset, kind, name) DO UPDATE SET " + ", ".join(
    f"{name} = min({name} + excluded.{name}, {MOST})"
    for name in ("cost", "tokens", "requests", "unknown_cost", "unknown_requests")
)


class Settlements:
    """What the transaction under way adds to the totals."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sums: dict[tuple[str, str, str, str], list[int]] = {}

    def add(
        self,
        dataset: str,
        run: str,
        step: str,
        endpoint: str,
        cost: int,
        tokens: int,
        requests: int = 1,
        *,
        unknown: bool,
    ) -> None:
        """Requests of one run, step and endpoint were charged; `unknown` at their worst case."""
        place = (dataset, run, step, endpoint)
        sums = self._sums.get(place)
        if sums is None:
            sums = self._sums[place] = [0] * 5
        sums[0] += cost
        sums[1] += tokens
        sums[2] += requests
        if unknown:
            sums[3] += cost
            sums[4] += requests

    def correct(self, dataset: str, kind: str, name: str, amount: Amount) -> None:
        """A correction of one account, up or down; within the transaction, at once."""
        row = (dataset, kind, name, amount.cost, amount.tokens, amount.requests, 0, 0)
        sql.insert(self._connection, *_HEAD, [row], _TAIL)

    def write(self) -> None:
        """Add them, within the transaction."""
        if not self._sums:
            return
        lines: dict[tuple[str, str, str], list[int]] = {}
        for (dataset, run, step, endpoint), sums in self._sums.items():
            for line in (
                (dataset, "dataset", dataset),
                (dataset, "run", run),
                (dataset, "step", step),
                (dataset, "endpoint", endpoint),
            ):
                old = lines.get(line)
                lines[line] = sums if old is None else [a + b for a, b in zip(old, sums, strict=True)]
        rows = [(*line, *(min(n, MOST) for n in sums)) for line, sums in lines.items()]
        sql.insert(self._connection, *_HEAD, rows, _TAIL)
        self._sums.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._sums.clear()
