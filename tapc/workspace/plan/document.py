"""`tapc plan`: counts, the estimate, and what the store has of it."""

import csv
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath

from tapc.diagnostics import Diagnostic
from tapc.engine import Label, labels_of
from tapc.inputs import named_files
from tapc.ir import PICO, Dataset
from tapc.plan import (
    Cost,
    Learned,
    PlanDiagnostic,
    PlanDocument,
    Planned,
    PlanResources,
    Rates,
    SourcePlan,
    Spent,
    StepSeen,
    cost_plan,
    describe,
    described,
    render_prompts,
    touches,
    verify_plan,
)
from tapc.semantics import Place
from tapc.source import bundled_dir
from tapc.store import Store, UsedSoFar, accounts, has_database, ledger_disagrees, open_store
from tapc.workspace.expectations import expectation_findings
from tapc.workspace.opening import existing_store
from tapc.workspace.stored import StoredPart, look_up, tuned


def plan_document(
    planned: Planned,
    *,
    spec: str,
    store: Path,
    diagnostics: Sequence[Diagnostic],
    samples: int = 0,
    sources: Sequence[tuple[str, str]] = (),
    by: Sequence[str] | None = None,
    whole: Sequence[str] = (),
    origins: Mapping[str, Place] | None = None,
) -> PlanDocument:
    """Describe a plan.

    Args:
        planned: the plan.
        spec: path of the spec as the user gave it.
        store: folder of the store; what it has costs nothing. It need not exist, and is not made.
        diagnostics: warnings that become part of the document.
        samples: number of slots whose prompts are shown.
        sources: (name, sha256) of the files the spec was compiled from.
        by: axes by which cost is broken down; None means all.
        whole: mixes `per candidate` that are counted whatever the number of draws.
        origins: places of parts of the spec, for expectations that do not hold.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    first = cost_plan(planned, language_rates(), {})
    costs, stored, spent, kept = first, None, dict[tuple[str, str], Spent](), None
    if has_database(store):
        opened = open_store(store, offline=True)
        try:
            stored = look_up(planned, opened)
            spent = _spent(opened, planned.dataset.name)
            history = used_so_far(opened, planned.dataset.name)
        finally:
            opened.close()
        costs = cost_plan(planned, language_rates(), history) if history else first
        kept = tuned(stored, costs)
    expected = list(described(verify_plan(planned, lambda: costs)))
    failed = expectation_findings(expected, origins or {})
    return describe(
        planned,
        costs,
        spec=spec,
        kept=kept,
        spent=spent,
        diagnostics=[_brief(d) for d in (*diagnostics, *failed)],
        by=by,
        whole=whole,
        more={
            "expectations": expected,
            "seen": [_seen(cost, stored) for cost in first if cost.place in stored.seen] if stored else [],
            "prompts": render_prompts(planned, samples) if samples else [],
            "sources": [SourcePlan(name=name, sha256=digest) for name, digest in sources],
            "touches": touches(
                planned.dataset,
                [source for source in sources if source not in planned.resources.files],
                files_as_written(planned.dataset, planned.resources),
            ),
        },
    )


def unmet(planned: Planned, store: Path, origins: Mapping[str, Place]) -> list[Diagnostic]:
    """What a spec expects of its plan and does not get; the estimate is made only if an expectation is about it.

    Raises:
        StoreError: there is a store that cannot be read.
    """

    def costs() -> list[Cost]:
        history = dict[tuple[str, str, str, str], Learned]()
        if has_database(store):
            with existing_store(store) as opened:
                history = used_so_far(opened, planned.dataset.name)
        return cost_plan(planned, language_rates(), history)

    return expectation_findings(described(verify_plan(planned, costs)), origins)


def used_so_far(store: Store, dataset: str) -> dict[tuple[str, str, str, str], Learned]:
    """Tokens that replies of a dataset used over all its runs, by step, endpoint, model and language."""
    rows: dict[tuple[str, str, str, str], list[UsedSoFar]] = {}
    for used in store.history(labels_of(dataset)):
        label = Label.read(used.label)
        if label is not None and used.outcome != "gave_up":
            rows.setdefault((label.step, label.endpoint, label.model, label.language), []).append(used)
    return {place: _learned(found) for place, found in rows.items() if sum(used.jobs for used in found)}


def _learned(rows: Sequence[UsedSoFar]) -> Learned:
    """Means and variances over all outcomes, since all are paid for; characters only of replies with outcome `ok`."""
    jobs = sum(used.jobs for used in rows)
    into, out = (sum(used.input for used in rows) / jobs, sum(used.output for used in rows) / jobs)
    fine = [used for used in rows if used.outcome == "ok"]
    good = sum(used.jobs for used in fine)
    return Learned(
        jobs=jobs,
        output=out,
        output_variance=max(0.0, sum(used.output_squares for used in rows) / jobs - out**2),
        input=into,
        input_variance=max(0.0, sum(used.input_squares for used in rows) / jobs - into**2),
        chars=sum(used.chars for used in fine) / good if good else 0.0,
    )


def _spent(store: Store, dataset: str) -> dict[tuple[str, str], Spent]:
    """Amounts spent by a dataset, its steps and its endpoints."""
    account = next((one for one in accounts(store, latest=0) if one.dataset == dataset), None)
    if account is None:
        return {}
    if account.wrong:
        raise ledger_disagrees(store.folder, account.wrong)
    return {
        (line.kind, "" if line.kind == "dataset" else line.name): Spent(
            line.spent.cost, line.spent.tokens, line.spent.requests
        )
        for line in account.lines
        if line.kind in ("dataset", "step", "endpoint")
    }


def _seen(cost: Cost, stored: StoredPart) -> StepSeen:
    """Estimate against actual of one step at one endpoint."""
    seen = stored.seen[cost.place]
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


@cache
def language_rates() -> Rates:
    """Tokens per character by language: the higher of two tokenizers' rates, so that a plan errs on the dear side."""
    path = bundled_dir("stdlib") / "languages" / "languages.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = {
        row["tag"]: max(float(row["tokens_per_char_o200k"]), float(row["tokens_per_char_tekken"])) for row in rows
    }
    return Rates(measured)


def files_as_written(dataset: Dataset, resources: PlanResources) -> list[tuple[str, str]]:
    """(name, sha256) of the files that steps read.

    Digests contain only the last name of a file with an absolute path, so that they do not depend on the machine; a
    list of what a spec reads needs the path.
    """
    named = named_files(dataset)
    absolute = [path for path in map(PurePosixPath, (*named.files, *named.globs)) if path.is_absolute()]
    found: dict[str, str] = {}
    for name, digest in resources.files:
        paths = [path for path in absolute if path.name == name or fnmatch(name, path.name)]
        found |= {path.with_name(name).as_posix(): digest for path in paths}
        if not paths or (resources.folder / name).is_file():
            found[name] = digest
    return sorted(found.items())
