"""`tapc cache verify`: findings about a store, and stored outcomes that would be decided otherwise today."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.endpoints.client import finish_outcome
from tapc.store import Ended, Store, StoreError, Verification, damaged, ledger_disagrees

_BY_THE_WORD = ("ok", "length", "filtered")
"""Outcomes that the finish reason alone decides; others depend on the text."""

_KEYS = 10


class Redecided(msgspec.Struct, frozen=True):
    """Stored replies that would have another outcome today, since the table of finish reasons has more entries.

    Attributes:
        ended: the replies, by finish reasons and stored outcome.
        now: the outcome today; `unknown` for a finish reason that this version does not know.
        keys: keys of the first replies.
    """

    ended: Ended
    now: str
    keys: tuple[bytes, ...]


def redecided(store: Store) -> list[Redecided]:
    """Stored replies whose finish reasons give another outcome in this version; nothing is changed.

    Raises:
        StoreError: the store cannot be read.
    """
    found: list[Redecided] = []
    for kind in store.ended():
        now = _decided(kind.outcome, kind.words)
        if now is not None:
            found.append(Redecided(kind, now, tuple(store.ended_keys(kind, _KEYS))))
    return found


def _decided(outcome: str, words: Sequence[str]) -> str | None:
    """The outcome that these finish reasons give today; None if it is the stored one."""
    if outcome not in _BY_THE_WORD:
        return None
    ends = [finish_outcome(word) for word in words]
    if None in ends:
        return "unknown"
    others = [end for end in ends if end != "ok"]
    if not others:
        return None if outcome == "ok" else "ok"
    return None if outcome in others else others[0]


def verification_findings(store: Path, found: Verification) -> list[Diagnostic]:
    """Findings of a verification; a damaged reply is not one, since it is asked again."""
    told: list[StoreError] = []
    if found.structure:
        told.append(damaged(store, found.structure[0]))
    if found.accounts:
        told.append(ledger_disagrees(store, found.accounts))
    findings = [Diagnostic(one.code, "error", one.message, (), (one.next_step,)) for one in told]
    if found.figures:
        said = f"the figures stored with {len(found.figures):,} replies have changed since they were written"
        mend = "run `tapc cache verify --mend`, which reads them from the replies again"
        findings.append(Diagnostic("TAP853", "error", said, (), (mend,)))
    if found.measured:
        mend = "run `tapc cache verify --mend`, which removes what was measured; later plans do without"
        findings.append(Diagnostic("TAP853", "error", found.measured[0], (), (mend,)))
    return findings
