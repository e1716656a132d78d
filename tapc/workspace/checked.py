"""From a path to a checked dataset; `tapc.workspace.compiled` counts it, `tapc.workspace.checking` decides whether."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, has_errors
from tapc.ir import Dataset
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
