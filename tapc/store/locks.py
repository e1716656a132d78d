"""Locks between processes: whose turn it is to write, and which runs are alive.

Locks of the operating system (`flock`) vanish with the process that holds them, however it ends.
"""

import fcntl
import os
import re
import time
from pathlib import Path

from tapc.store.errors import StoreError, damaged

_RUN = re.compile(r"[0-9A-Za-z-]{1,64}")

_PATIENCE = 60.0
"""Seconds to wait for another process's transaction; it takes milliseconds unless that process is suspended."""

_IMPATIENCE = 3.0
"""Seconds for further tries once that wait was in vain: what is left to do at the end of a run must not take hours."""


class WriteLock:
    """Turns at writing, fair between processes.

    A turnstile comes before the lock: a process that waits for the lock holds the turnstile, so a writer that has just
    finished queues behind it instead of taking the lock again. SQLite's own waiting, which sleeps for growing times,
    would let one busy writer starve another.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._patience = _PATIENCE
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._turnstile = os.open(folder / "turn.lock", flags, 0o600)
        self._lock = os.open(folder / "write.lock", flags, 0o600)

    def __enter__(self) -> None:
        deadline = time.monotonic() + self._patience
        self._take(self._turnstile, deadline)
        try:
            self._take(self._lock, deadline)
        finally:
            fcntl.flock(self._turnstile, fcntl.LOCK_UN)
        self._patience = _PATIENCE

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _take(self, descriptor: int, deadline: float) -> None:
        pause = 0.0002
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._patience = _IMPATIENCE
                    raise StoreError(
                        "TAP856",
                        f"another process has kept the store {self._folder} locked for {_PATIENCE:.0f} seconds",
                        "look for a suspended `tapc` (`tapc status` names it), then run again",
                    ) from None
                time.sleep(pause)
                pause = min(pause * 1.2, 0.01)
            else:
                return

    def close(self) -> None:
        """Give the descriptors back."""
        os.close(self._turnstile)
        os.close(self._lock)


class RunLock:
    """Held for as long as a run lives."""

    def __init__(self, folder: Path, run: str) -> None:
        self._path = lock_path(folder, run)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """The run is over."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def is_dead(folder: Path, run: str) -> bool:
    """Whether a run's lock is free. Ask only while holding the write lock: the file of a dead run is removed."""
    path = lock_path(folder, run)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(descriptor)


def lock_path(folder: Path, run: str) -> Path:
    """The file a run locks for as long as it lives.

    Raises:
        StoreError: the database names a run as no run is named, which would be a path to anywhere.
    """
    if not isinstance(run, str) or not _RUN.fullmatch(run):  # pyright: ignore[reportUnnecessaryIsInstance] - read from a database
        raise damaged(folder, "it names a run as no run is named")
    return folder / "runs" / f"{run}.lock"
