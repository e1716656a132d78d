"""`tapc check`: all findings about a spec; cells are counted and rows read only if that can find something."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, in_order
from tapc.ir import Dataset, Share, Space, TaxonomyNode
from tapc.workspace.spec.checked import check_spec, with_unused


def check_counts(
    path: Path, *, settings: Mapping[str, str], dataset: str | None, outside: bool = False, allowing: bool = True
) -> list[Diagnostic]:
    """All findings of `tapc check`: those of the front end, and contradictions between counts.

    Without `allowing`, findings are as if the spec allowed none of them.
    """
    checked = check_spec(path, settings=settings, dataset=dataset, outside=outside)
    found = checked.diagnostics
    for part in checked.compiled.parts:
        if not _can_contradict(part.dataset.space) and not _reads_files(part.dataset):
            continue
        from tapc.workspace.spec.counted import count_spec  # noqa: PLC0415 - numpy, which most specs need not wait for here

        compiled = msgspec.structs.replace(checked.compiled, origins=part.origins)
        one = msgspec.structs.replace(checked, compiled=compiled, dataset=part.dataset)
        found = in_order([*found, *count_spec(one, outside=outside).diagnostics])
    if not allowing:
        from tapc.frontend.allowances import without_allowances  # noqa: PLC0415 - for one option only

        return in_order(without_allowances(found))
    return with_unused(msgspec.structs.replace(checked, diagnostics=found)).diagnostics


def _can_contradict(space: Space) -> bool:
    """Whether counting can fail: plain percentages and weights, checked by the front end, always have a solution."""
    return bool(space.rules or space.exclusions) or any(
        share.kind == "count" or share.at_least is not None or share.at_most is not None for share in _shares(space)
    )


def _reads_files(dataset: Dataset) -> bool:
    """Whether files other than modules and tables are read: rows, benchmarks, programs."""
    return any(
        step.rows() is not None or step.commands() or any(check.reads_files() for check in step.checks())
        for step in dataset.steps
    )


def _shares(space: Space) -> Iterator[Share]:
    for mix in space.mixes:
        for value in mix.values:
            yield value.share
    pending: list[TaxonomyNode] = list(space.taxonomy.children) if space.taxonomy else []
    while pending:
        node = pending.pop()
        yield node.share
        pending.extend(node.children)
