"""`tapc export`: a dataset's folder as a trainer reads it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tapc.diagnostics import Diagnostic, did_you_mean
from tapc.exports import EXPORTS, Export, ExportDocument, ExportError, export_dataset
from tapc.outputs import FolderError
from tapc.workspace.refused import Cause, Refused


def export_folder(
    root: Path, target: str, out: Path | None, configs: Iterable[str], exports: Sequence[Export] = EXPORTS
) -> tuple[ExportDocument, Path, str, list[Diagnostic]]:
    """Export a dataset.

    Args:
        root: its folder.
        target: name of an export.
        out: folder to write; None means next to the dataset's, with the target's name appended.
        configs: names of configs; none means all that the target can train on.
        exports: those there are.

    Returns:
        What the export holds, its folder, what to do with it, and warnings.

    Raises:
        Refused: the target or a config is not known, the folder is not a dataset, or the export would lose something.
        OSError: the disk is full or gone; what stood at `out` before still stands.
    """
    export = next((one for one in exports if one.name == target), None)
    if export is None:
        close = did_you_mean(target, [one.name for one in exports])
        known = f"choose one of {', '.join(one.name for one in exports)}"
        raise _refused("TAP892", f"there is no export to {target!r}", f"did you mean {close!r}?" if close else known)
    folder = _next_to(root, export.name) if out is None else out if out.name not in ("", "..") else out.resolve()
    try:
        document, advice = export_dataset(root, export, folder, tuple(configs))
    except ExportError as error:
        cause: Cause = "incomplete" if error.code == "TAP891" else "usage"
        raise _refused(error.code, error.message, error.next_step, cause) from error
    except FolderError as error:
        raise _refused("TAP920", str(error), "choose another folder with -o; the dataset is as it was") from error
    warnings = [Diagnostic("TAP894", "warning", told, (), ()) for told in advice]
    return document, folder, export.next_step, warnings


def _next_to(root: Path, target: str) -> Path:
    named = root if root.name not in ("", "..") else root.resolve()
    return named.with_name(f"{named.name}-{target}")


def _refused(code: str, message: str, next_step: str, cause: Cause = "usage") -> Refused:
    return Refused([Diagnostic(code, "error", message, (), (next_step,))], cause)
