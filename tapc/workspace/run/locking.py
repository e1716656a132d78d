"""The lock of a run: written before the first request, noted in the store, and missed once it is gone."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, rule
from tapc.plan import Planned
from tapc.store import Store, has_database
from tapc.workspace.opening import existing_store
from tapc.workspace.spec.lock import FoundLock, NextLock, save_lock

_KIND = "lock"
"""Kind of the measurement by which a store knows the lock of the last run of a dataset."""


class LastLock(msgspec.Struct, frozen=True):
    """The lock of the last run that had one: name of its file, SHA-256 of its text, digest of the counts."""

    file: str
    sha256: str
    counts: str


def keep_lock(lock: NextLock, store: Store, dataset: str) -> bool | Diagnostic:
    """Write the lock of a plan and note it in the store.

    Returns:
        Whether the file was written, or had this text before; a finding if the folder cannot be written.

    Raises:
        Refused: another process has changed the lock since it was read.
        StoreError: the store cannot be written.
    """
    try:
        wrote = save_lock(lock)
    except OSError as error:
        message = f"{lock.path} cannot be written: {error.strerror or error}"
        note = f"the run goes on; save the lock with `tapc plan {lock.spec} --lock` in a folder that you can write"
        return Diagnostic("TAP815", rule("TAP815").severity, message, (), (note,))
    now = msgspec.json.encode(LastLock(lock.path.name, lock.digest, lock.counts))
    if not any(one.value == now for one in store.measured(dataset, _KIND)):
        store.measure(dataset, _KIND, dataset, now)
    return wrote


def lost_lock(found: FoundLock | None, planned: Planned, folder: Path) -> Diagnostic | None:
    """What to say if the last run of a dataset had a lock that is gone, and other samples are planned without it.

    Args:
        found: the lock that the plan was made with, or the place where none is; None if it was not to be read.
        planned: the plan.
        folder: folder of the store, which need not exist.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    if found is None or found.text is not None or not has_database(folder):
        return None
    with existing_store(folder) as store:
        noted = store.measured(planned.dataset.name, _KIND)
    if not noted:
        return None
    last = msgspec.json.decode(noted[0].value, type=LastLock)
    if last.counts == planned.allocation.digest:
        return None
    path, other = found.path, found.path.with_name(last.file)
    when = f"{datetime.fromtimestamp(noted[0].at, UTC):%Y-%m-%d}"
    message = f"{path} is gone: the last run of `{planned.dataset.name}` ({when}) planned with {last.file}"
    if other != path and other.exists():
        back = f"if this spec continues that one, give it its lock: cp {other} {path}"
    else:
        back = f"take it back from git: git checkout HEAD -- {other}"
    cost = "or go on: samples are then counted afresh, and the requests that `tapc plan` shows are what that costs"
    return Diagnostic("TAP813", rule("TAP813").severity, message, (), (back, cost))
