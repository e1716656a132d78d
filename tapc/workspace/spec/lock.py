"""`SPEC.lock`: the counts of an earlier plan, in a file next to the spec."""

from pathlib import Path

from tapc.diagnostics import Diagnostic, rule
from tapc.plan import Lock, Planned, lock_of, read_lock, write_lock
from tapc.source import DiskLoader, LoadError, SourceFile
from tapc.workspace.files import replace_text
from tapc.workspace.spec.checked import Checked
from tapc.workspace.spec.git import GitLoader

_ANEW = "move it away, or take an earlier version from git; then `tapc plan --lock` writes it again"

PRICES = "std.prices"
"""The module of the price table that ships with tapc."""


def lock_path(checked: Checked) -> Path:
    """The path of a dataset's lock: `x.tap.lock` next to `x.tap`; `x.tap.NAME.lock` if the spec declares several."""
    chosen = checked.dataset
    name = f".{chosen.name}" if chosen is not None and len(checked.compiled.datasets) > 1 else ""
    return checked.path.with_name(f"{checked.path.name}{name}.lock")


def find_lock(checked: Checked, revision: GitLoader | None = None) -> Lock | Diagnostic | None:
    """The lock of a spec; None if there is none, a finding if it is damaged."""
    path = lock_path(checked)
    if not (path.exists() if revision is None else revision.has(path)):
        return None
    try:
        text = (revision or DiskLoader()).read(path).decode("utf-8")
    except LoadError as error:
        return Diagnostic("TAP923", rule("TAP923").severity, str(error), (), (_ANEW,))
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text: {error.reason} at byte {error.start}"
        return Diagnostic("TAP811", rule("TAP811").severity, message, (), (_ANEW,))
    return read_lock(SourceFile(str(path), text))


def save_lock(checked: Checked, planned: Planned) -> Path:
    """Write the lock of a plan, replacing an older one as a whole; it records hashes of all imports.

    Args:
        checked: the spec.
        planned: its plan.

    Raises:
        OSError: it cannot be written; an older lock is unchanged.
    """
    path = lock_path(checked)
    read = checked.compiled.sources[1:]
    prices = [source for source in read if source[0] == PRICES]
    imports = [source for source in read if source[0] != PRICES]
    replace_text(path, write_lock(lock_of(planned.allocation, imports, prices)))
    return path
