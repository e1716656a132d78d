"""`tapc check`: all findings about a spec; cells are counted and rows read only if that can find something."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, in_order
from tapc.ir import Dataset, IdentityNames, Share, Space, TaxonomyNode
from tapc.workspace.spec.checked import Checked, check_spec, with_unused

_READ = 1 << 18
"""Most bytes of a lock that are read to look for names that it lacks: some milliseconds; a plan reads any."""

_WORD = re.compile(r"[\w-]+")
"""Names that a lock writes as they are, and other words of it."""


def check_counts(
    path: Path, *, settings: Mapping[str, str], dataset: str | None, outside: bool = False, allowing: bool = True
) -> list[Diagnostic]:
    """All findings of `tapc check`: those of the front end, and contradictions between counts.

    Without `allowing`, findings are as if the spec allowed none of them.
    """
    checked = check_spec(path, settings=settings, dataset=dataset, outside=outside)
    found = checked.diagnostics
    for part in checked.compiled.parts:
        one = msgspec.structs.replace(checked, dataset=part.dataset)
        if not (
            _can_contradict(part.dataset.space)
            or _may_miss_leaves(part.dataset)
            or _reads_files(part.dataset)
            or _has_new_names(one)
        ):
            continue
        from tapc.workspace.spec.counted import count_spec  # noqa: PLC0415 - numpy, which most specs need not wait for here

        compiled = msgspec.structs.replace(checked.compiled, origins=part.origins)
        one = msgspec.structs.replace(one, compiled=compiled)
        found = in_order([*found, *count_spec(one, outside=outside).diagnostics])
    if not allowing:
        from tapc.frontend.allowances import without_allowances  # noqa: PLC0415 - for one option only

        return in_order(without_allowances(found))
    return with_unused(msgspec.structs.replace(checked, diagnostics=found)).diagnostics


def _has_new_names(checked: Checked) -> bool:
    """Whether a lock next to a spec lacks names of its axes, looked for in the text alone."""
    if checked.dataset is None:
        return False
    path = checked.lock_path
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() and path.stat().st_size <= _READ else ""
    except (OSError, UnicodeDecodeError):
        return False  # what plans it says what is wrong
    if not text:
        return False
    space, names = checked.dataset.space, IdentityNames(checked.dataset.space)
    own = {names.axis(mix.name) for mix in space.mixes if not mix.per_candidate}
    own |= {names.point(mix.name, one.name)[1] for mix in space.mixes if not mix.per_candidate for one in mix.values}
    if space.taxonomy is not None:
        own |= {names.axis(space.taxonomy.name), *(name for path in names.nodes.values() for name in path)}
    words = set(_WORD.findall(text))
    return any(name not in words for name in own if _WORD.fullmatch(name))


def _can_contradict(space: Space) -> bool:
    """Whether counting can fail: plain percentages and weights, checked by the front end, always have a solution."""
    return bool(space.rules or space.exclusions) or any(
        share.kind == "count" or share.at_least is not None or share.at_most is not None for share in _shares(space)
    )


def _may_miss_leaves(dataset: Dataset) -> bool:
    """Whether the share of some leaf comes to less than one sample."""
    taxonomy = dataset.space.taxonomy
    return taxonomy is not None and dataset.samples is not None and _least(taxonomy.children) * dataset.samples < 1


def _least(nodes: Sequence[TaxonomyNode]) -> float:
    """The smallest share of a leaf below some siblings, of what those get together; those without a share left out."""
    weights = sum(float(node.share.value) for node in nodes if node.share.kind == "weight")
    percents = sum(float(node.share.value) for node in nodes if node.share.kind == "percent")
    found = 1.0
    for node in nodes:
        share = float(node.share.value)
        if share and node.share.kind != "count":
            own = share if node.share.kind == "percent" else share / weights * max(0.0, 1 - percents)
            found = min(found, own * (_least(node.children) if node.children else 1.0))
    return found


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
