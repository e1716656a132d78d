"""`tapc plan`: counts, estimate and what the store has."""

from collections.abc import Sequence
from pathlib import Path

from tapc.diagnostics import Diagnostic
from tapc.ir import PICO
from tapc.plan import (
    Cost,
    PlanDiagnostic,
    PlanDocument,
    Planned,
    SourcePlan,
    StepSeen,
    cost_plan,
    describe,
    render_prompts,
    with_repeats,
)
from tapc.runtime.store import Store, open_store
from tapc.workspace.cached import Stored, look_up
from tapc.workspace.rates import language_rates


def plan_document(
    planned: Planned,
    *,
    spec: str,
    store: Path,
    diagnostics: Sequence[Diagnostic],
    samples: int = 0,
    sources: Sequence[tuple[str, str]] = (),
) -> PlanDocument:
    """Describe a plan.

    Args:
        planned: the plan.
        spec: path of the spec as the user gave it.
        store: folder of the store; what it has costs nothing. It need not exist, and is not made.
        diagnostics: warnings to carry along.
        samples: slots whose prompts are to be shown.
        sources: (name, sha256) of the files the spec was compiled from.

    Raises:
        StoreError: a store is there and cannot be read.
    """
    stored, spent, history = Stored({}, None, exact=True, repeats={}), 0, dict[tuple[str, str, str], float]()
    if (store / "store.db").is_file():
        opened = open_store(store, offline=True)
        try:
            stored = look_up(planned, opened)
            spent = opened.spent(planned.dataset.name).cost
            history = used_so_far(opened)
        finally:
            opened.close()
    first = cost_plan(planned, language_rates(), {})
    costs = with_repeats(cost_plan(planned, language_rates(), history), stored.repeats) if history else first
    return describe(
        planned,
        costs,
        spec=spec,
        cached=stored.cached,
        spent=spent,
        diagnostics=[_brief(d) for d in diagnostics],
        exact=stored.exact,
        missing=stored.missing,
        more={
            "seen": [_seen(cost, stored) for cost in first if _place(cost) in stored.seen],
            "prompts": render_prompts(planned, samples) if samples else [],
            "sources": [SourcePlan(name=name, sha256=digest) for name, digest in sources],
        },
    )


def used_so_far(store: Store) -> dict[tuple[str, str, str], float]:
    """Mean output tokens of a reply by step, endpoint and language, from all that this store was asked."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for used in store.history():
        step, endpoint, language = used.label.split("/", 2)
        known = sums.setdefault((step, endpoint, language), [0, 0])
        known[0] += used.output
        known[1] += used.jobs
    return {label: output / jobs for label, (output, jobs) in sums.items() if jobs}


def _place(cost: Cost) -> tuple[str, str]:
    return cost.recipe.step, cost.recipe.endpoint


def _seen(cost: Cost, stored: Stored) -> StepSeen:
    """Estimate against actual of one step at one endpoint."""
    seen = stored.seen[_place(cost)]
    share = seen.jobs / cost.jobs if cost.jobs else 0.0
    return StepSeen(
        name=cost.recipe.step,
        endpoint=cost.recipe.endpoint,
        replies=seen.jobs,
        expected_output=round(cost.output.expected * share),
        output=seen.output,
        expected_input=round(cost.input.expected * share),
        input=seen.input,
        expected_usd=cost.money.expected * share / PICO,
        usd=seen.cost / PICO,
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
