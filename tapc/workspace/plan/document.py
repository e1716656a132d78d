"""`tapc plan`: counts, the estimate, and what the store has of it."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tapc.diagnostics import Diagnostic
from tapc.inputs import named_files
from tapc.ir import PICO, Dataset
from tapc.plan import (
    Cost,
    PlanDiagnostic,
    PlanDocument,
    Planned,
    PlanResources,
    SourcePlan,
    StepSeen,
    describe,
    described,
    render_prompts,
    touches,
    verify_plan,
)
from tapc.semantics import Place
from tapc.workspace.estimate import estimate_plan, expected_costs
from tapc.workspace.expectations import expectation_findings
from tapc.workspace.stored_fold import StoredPart


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
    limit: int | None = None,
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
        limit: number of samples that a run makes, the first by rank; None means all.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    found = estimate_plan(planned, store, limit=limit)
    stored = found.stored
    expected = list(described(verify_plan(planned, lambda: found.costs)))
    failed = expectation_findings(expected, origins or {})
    return describe(
        planned,
        found.costs,
        spec=spec,
        kept=found.kept,
        expected=found.forecast,
        spent=found.spent,
        speeds=found.speeds,
        diagnostics=[_brief(d) for d in (*diagnostics, *failed)],
        by=by,
        whole=whole,
        more={
            "expectations": expected,
            "seen": [_seen(cost, stored) for cost in found.before if cost.place in stored.seen] if stored else [],
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
    return expectation_findings(described(verify_plan(planned, lambda: expected_costs(planned, store))), origins)


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
    brief = PlanDiagnostic(
        code=diagnostic.code,
        severity=diagnostic.severity,
        message=diagnostic.message,
        allowed=None if diagnostic.allowed is None else diagnostic.allowed.reason,
    )
    if not diagnostic.labels:
        return brief
    label = diagnostic.labels[0]
    position = label.file.position(label.span.start)
    return brief.model_copy(update={"file": label.file.name, "line": position.line, "column": position.column})


def pays(planned: Planned) -> bool:
    """Whether a run could cost real money: an endpoint that is neither simulated nor stated to be free."""
    return any(
        not e.simulated and (e.price is None or e.price.input or e.price.output) for e in planned.dataset.endpoints
    )


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
