"""`tapc cache verify`: what was found, as findings with a code and a next step."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.endpoints.client import finish_outcome
from tapc.store import Ended, Store, StoreError, Verification, damaged, ledger_disagrees

_BY_THE_WORD = ("ok", "length", "filtered")
"""Outcomes that the word alone can give; others come from what was written."""

_KEYS = 10


class Redecided(msgspec.Struct, frozen=True):
    """Replies that would have another outcome if they came today, since the table of ends knows more.

    Attributes:
        ended: which ones, and the outcome that stands.
        now: what it would be; `unknown` for a word that this version does not know either.
        keys: of the first ones.
    """

    ended: Ended
    now: str
    keys: tuple[bytes, ...]


def redecided(store: Store) -> list[Redecided]:
    """Stored replies that this version would decide otherwise, by the words that ended them; nothing is changed.

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
    """What these words would make of a reply of that outcome, None where it would stay what it is."""
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
    """Findings of a look at every entry; single damaged replies are none, since they are asked again."""
    told: list[StoreError] = []
    if found.structure:
        told.append(damaged(store, found.structure[0]))
    if found.accounts:
        told.append(ledger_disagrees(store, found.accounts))
    findings = [Diagnostic(one.code, "error", one.message, (), (one.next_step,)) for one in told]
    if found.figures:
        said = f"the figures beside {len(found.figures):,} replies are not what was written"
        mend = "`tapc cache verify --mend` reads them from the replies again"
        findings.append(Diagnostic("TAP853", "error", said, (), (mend,)))
    return findings
