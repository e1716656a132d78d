"""`SPEC.lock`: the counts of an earlier plan, beside the spec."""

from pathlib import Path

from tapc.diagnostics import Diagnostic, rule
from tapc.plan import Lock, Planned, lock_of, read_lock, write_lock
from tapc.source import DiskLoader, LoadError, SourceFile
from tapc.workspace.replacing import replace_text


def lock_path(spec: Path) -> Path:
    """Where a spec's lock stands: `x.tap.lock` beside `x.tap`."""
    return spec.with_name(f"{spec.name}.lock")


def find_lock(spec: Path) -> Lock | Diagnostic | None:
    """The lock beside a spec; None where there is none, a finding where it is damaged."""
    path = lock_path(spec)
    if not path.exists():
        return None
    try:
        text = DiskLoader().read(path).decode("utf-8")
    except LoadError as error:
        return Diagnostic("TAP923", rule("TAP923").severity, str(error))
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text: {error.reason} at byte {error.start}"
        return Diagnostic("TAP811", rule("TAP811").severity, message)
    return read_lock(SourceFile(str(path), text))


def save_lock(spec: Path, planned: Planned, sources: tuple[tuple[str, str], ...]) -> Path:
    """Write the lock of a plan, replacing an older one as a whole.

    Args:
        spec: the spec.
        planned: its plan.
        sources: (name, sha256) of the files it was compiled from, the spec first; the others are recorded.

    Raises:
        OSError: it cannot be written; an older one still stands.
    """
    path = lock_path(spec)
    replace_text(path, write_lock(lock_of(planned.allocation, sources[1:])))
    return path
