"""From a path to a checked dataset; counting comes after, see `tapc.workspace.compiled`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, has_errors
from tapc.ir import Dataset, Share, Space, TaxonomyNode
from tapc.semantics import Compiled, compile_spec
from tapc.source import DiskLoader
from tapc.workspace.overrides import apply_overrides


class Checked(msgspec.Struct, frozen=True):
    """A spec after everything that can be said about it without counting.

    Attributes:
        path: as the user gave it.
        compiled: what the front end found.
        dataset: with overrides applied; None where the spec is wrong.
    """

    path: Path
    compiled: Compiled
    dataset: Dataset | None

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Findings, in order."""
        return self.compiled.diagnostics


def check_spec(
    path: Path, *, settings: Mapping[str, str], dataset: str | None, overrides: Sequence[str] = ()
) -> Checked:
    """Parse, resolve, check and lower one spec.

    Raises:
        OverrideError: an `--endpoint` option cannot be applied.
    """
    compiled = compile_spec(path, DiskLoader(), settings=settings, dataset=dataset)
    lowered = compiled.dataset if not has_errors(compiled.diagnostics) else None
    if lowered is not None:
        lowered = apply_overrides(lowered, overrides)
    return Checked(path, compiled, lowered)


def check_counts(path: Path, *, settings: Mapping[str, str], dataset: str | None) -> list[Diagnostic]:
    """Everything `tapc check` has to say: the front end's findings, then contradictions between counts."""
    checked = check_spec(path, settings=settings, dataset=dataset)
    if checked.dataset is None or not _can_contradict(checked.dataset.space):
        return checked.diagnostics
    from tapc.workspace.compiled import count_spec  # noqa: PLC0415 - numpy, which most specs need not wait for here

    return count_spec(checked).diagnostics


def _can_contradict(space: Space) -> bool:
    """Whether counting can fail: plain percentages and weights, checked by the front end, always have a solution."""
    return bool(space.rules or space.exclusions) or any(
        share.kind == "count" or share.at_least is not None or share.at_most is not None for share in _shares(space)
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
