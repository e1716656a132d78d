"""`SPEC.lock`: the counts of earlier plans, in a file next to the spec.

Every command that plans reads it (`find_lock`). Its next version follows from the spec and the lock that was read
(`lock_after`), never from replies; a run that makes the whole dataset writes it before its first request, `tapc plan
--lock` at once. A lock is replaced as a whole or not at all. Processes that write the same lock take turns, and one
whose lock was changed by another one since it was read does not write: its plan no longer holds.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import time
from collections.abc import Generator
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, rule
from tapc.plan import Lock, Planned, lock_of, read_lock, write_lock
from tapc.source import DiskLoader, LoadError, SourceFile
from tapc.syntax import write_name
from tapc.workspace.files import replace_text
from tapc.workspace.refused import Refused
from tapc.workspace.spec.checked import Checked
from tapc.workspace.spec.git import GitLoader

_ANEW = "move it away, or take an earlier version from git; then `tapc plan --lock` writes it again"

PRICES = "std.prices"
"""The module of the price table that ships with tapc."""

_PATIENCE = 10.0
"""Seconds to wait for another process that writes the same lock, which takes milliseconds."""

_NEW = ".tapc-new"
"""End of the names of temporary files, by which those of killed processes are known."""


class FoundLock(msgspec.Struct, frozen=True):
    """The lock of a spec as it was read.

    Attributes:
        path: where it is, or would be.
        text: its text; None if there is none.
        lock: its content; None if there is none.
    """

    path: Path
    text: str | None = None
    lock: Lock | None = None


class NextLock(msgspec.Struct, frozen=True):
    """The lock that a plan makes of the one that was read.

    Attributes:
        spec: path of the spec.
        path: path of the lock.
        before: text of the lock that the plan was made with; None if there was none.
        text: text of the new one.
        counts: digest of the allocation.
    """

    spec: Path
    path: Path
    before: str | None
    text: str
    counts: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def is_saved(self) -> bool:
        """Whether the file has this text."""
        try:
            now = _text(self.path)
        except OSError:
            return False
        return now is not None and _same(now, self.text)


def find_lock(checked: Checked, revision: GitLoader | None = None) -> FoundLock | Diagnostic:
    """The lock of a spec, which need not exist; a finding if it is damaged."""
    path = checked.lock_path
    if not (os.path.lexists(path) if revision is None else revision.has(path)):
        return FoundLock(path)
    try:
        text = (revision or DiskLoader()).read(path).decode("utf-8")
    except LoadError as error:
        return Diagnostic("TAP923", rule("TAP923").severity, str(error), (), (_ANEW,))
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text: {error.reason} at byte {error.start}"
        return Diagnostic("TAP811", rule("TAP811").severity, message, (), (_ANEW,))
    lock = read_lock(SourceFile(str(path), text))
    return lock if isinstance(lock, Diagnostic) else FoundLock(path, text, lock)


def other_taxonomy(found: FoundLock, planned: Planned) -> Diagnostic | None:
    """A finding if a lock counts by another taxonomy than its spec, so that no sample could be kept."""
    if found.lock is None or not found.lock.samples:
        return None
    then, now = found.lock.taxonomy, planned.allocation.by_identity().tree.axis
    if then == now:
        return None
    told = [f"of taxonomy `{name}`" if name else "without a taxonomy" for name in (then, now)]
    message = f"{found.path} is {told[0]}, and the spec {told[1]}: no sample of the lock can be kept"
    renamed = (
        (f"if it is the same taxonomy under a new name, write `moved {write_name(then)} = {write_name(now)}`",)
        if then and now
        else ()
    )
    anew = f"else delete {found.path} to begin again; with --no-lock, `tapc plan` and `tapc diff` show what that costs"
    return Diagnostic("TAP816", rule("TAP816").severity, message, (), (*renamed, anew))


def lock_after(checked: Checked, planned: Planned, found: FoundLock) -> NextLock:
    """The lock that belongs to a plan; it records hashes of all imports.

    Args:
        checked: the spec.
        planned: its plan.
        found: the lock that the plan was made with.
    """
    read = checked.compiled.sources[1:]
    prices = [source for source in read if source[0] == PRICES]
    imports = [source for source in read if source[0] != PRICES]
    text = write_lock(lock_of(planned.allocation, imports, prices))
    return NextLock(checked.path, found.path, found.text, text, planned.allocation.digest)


def save_lock(lock: NextLock) -> bool:
    """Write a lock as a whole, if it differs from the one on disk; returns whether it did.

    Raises:
        OSError: it cannot be written; an older lock is unchanged.
        Refused: another process has changed the lock since it was read.
    """
    if lock.before is not None and _same(lock.before, lock.text):
        return False
    with _turn(lock.spec):
        now = _text(lock.path)
        if now is not None and _same(now, lock.text):
            return False
        if now != lock.before:
            message = f"{lock.path} was changed while this plan was made"
            note = "another run or `git` changed it; nothing was sent: run the same command again"
            raise Refused([Diagnostic("TAP814", rule("TAP814").severity, message, (), (note,))], "incomplete")
        _sweep(lock.path)
        replace_text(lock.path, lock.text, end=_NEW)
    return True


def _same(one: str, other: str) -> bool:
    """Whether two texts are one lock: git may write line ends of its own."""
    return one.replace("\r\n", "\n") == other


def _text(path: Path) -> str | None:
    """What is there now, whatever it is; None if there is nothing."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None


def _sweep(path: Path) -> None:
    """Remove temporary files of processes that were killed while they wrote this lock; none is writing it now."""
    path = path.resolve()  # a link stays a link, and is written where it leads
    left = re.compile(re.escape(f".{path.name}.") + r"[a-z0-9_]{8}" + re.escape(_NEW))
    with os.scandir(path.parent) as entries:
        stale = [Path(entry.path) for entry in entries if left.fullmatch(entry.name)]
    for one in stale:
        with contextlib.suppress(OSError):
            one.unlink()


@contextlib.contextmanager
def _turn(spec: Path) -> Generator[None]:
    """This process's turn to write the lock: the operating system's lock on the spec, so that no file stays for it."""
    try:
        descriptor = os.open(spec, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # the spec was renamed meanwhile; what is written is still whole
        yield
        return
    end = time.monotonic() + _PATIENCE
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    said = f"another process keeps it locked for {_PATIENCE:.0f} s; look for a suspended `tapc`"
                    raise TimeoutError(errno.ETIMEDOUT, said, str(spec)) from None
                time.sleep(0.02)
            except OSError:  # a file system without such locks
                break
        yield
    finally:
        os.close(descriptor)
