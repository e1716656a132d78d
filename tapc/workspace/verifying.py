"""`tapc cache verify`: what was found, as findings with a code and a next step."""

from pathlib import Path

from tapc.diagnostics import Diagnostic
from tapc.runtime.store import StoreError, Verification, damaged, ledger_disagrees


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
