"""`tapc plan`: counts, estimate and what the store has."""

from collections.abc import Sequence
from pathlib import Path

from tapc.diagnostics import Diagnostic
from tapc.plan import PlanDiagnostic, PlanDocument, Planned, cost_plan, describe
from tapc.runtime.store import open_store
from tapc.workspace.cached import cached_jobs
from tapc.workspace.rates import language_rates


def plan_document(planned: Planned, *, spec: str, store: Path, diagnostics: Sequence[Diagnostic]) -> PlanDocument:
    """Describe a plan.

    Args:
        planned: the plan.
        spec: path of the spec as the user gave it.
        store: folder of the store; what it has costs nothing. It need not exist, and is not made.
        diagnostics: warnings to carry along.

    Raises:
        StoreError: a store is there and cannot be read.
    """
    cached: dict[tuple[str, str], int] = {}
    spent = 0
    if (store / "store.db").is_file():
        opened = open_store(store, offline=True)
        try:
            cached = cached_jobs(planned, opened, None)
            spent = opened.spent(planned.dataset.name).cost
        finally:
            opened.close()
    return describe(
        planned,
        cost_plan(planned, language_rates(), {}),
        spec=spec,
        cached=cached,
        spent=spent,
        diagnostics=[_brief(d) for d in diagnostics],
    )


def _brief(diagnostic: Diagnostic) -> PlanDiagnostic:
    if not diagnostic.labels:
        return PlanDiagnostic(code=diagnostic.code, severity=diagnostic.severity, message=diagnostic.message)
    label = diagnostic.labels[0]
    position = label.file.position(label.span.start)
    return PlanDiagnostic(
        code=diagnostic.code,
        severity=diagnostic.severity,
        message=diagnostic.message,
        file=label.file.name,
        line=position.line,
        column=position.column,
    )


def pays(planned: Planned) -> bool:
    """Whether a run could cost real money: an endpoint that is neither simulated nor stated to be free."""
    return any(
        not e.simulated and (e.price is None or e.price.input or e.price.output) for e in planned.dataset.endpoints
    )
