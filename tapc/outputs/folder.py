"""A folder that is replaced as a whole: written beside its place, synced, exchanged under a lock."""

import contextlib
import ctypes
import errno
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_PATIENCE = 60.0
"""Seconds to wait for another process's exchange, which takes milliseconds unless that process is suspended."""


class FolderError(Exception):
    """The place cannot be used; the message says why and what to do."""


class StagedFolder:
    """A new version of a folder under construction.

    Args:
        final: where it will stand.
        ours: name of a file that a folder made by us holds; a non-empty folder without it is never replaced.

    Raises:
        FolderError: something else stands at `final`, or its parent cannot be written.
    """

    def __init__(self, final: Path, ours: str) -> None:
        self.final = final
        if final.exists() and (not final.is_dir() or (any(final.iterdir()) and not (final / ours).is_file())):
            raise FolderError(f"{final} exists and was not made by tapc; choose another folder with --out")
        self._made = [parent for parent in final.parents if not parent.exists()]
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            _sweep(final)
            self.path = final.with_name(f".{final.name}.new-{secrets.token_hex(8)}")
            self.path.mkdir()  # not `mkdtemp`: the dataset is as private as the umask makes it, no more and no less
            self._lock = os.open(self.path, os.O_RDONLY)  # tells `_sweep` that somebody still works here
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderError(f"cannot write beside {final}: {error.strerror or error}") from error

    def commit(self) -> None:
        """Put the new version into place; afterwards either all of it or all of the old one is there, never a mixture.

        Raises:
            OSError: the disk is full or gone, or another process keeps the folder locked; the old version still stands.
        """
        _sync(self.path)
        with _locked(self.final):
            if self.final.exists():
                _exchange(self.path, self.final)
                shutil.rmtree(self.path)
            else:
                self.path.rename(self.final)
            _sync_folder(self.final.parent)
        os.close(self._lock)

    def discard(self) -> None:
        """Give up; the old version still stands, and folders that were made for the new one and are empty go."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        with contextlib.suppress(OSError):  # somebody else put something there
            for parent in self._made:
                parent.rmdir()

    def place(self, error: OSError) -> None:
        """Let an error name the folder where the system named no file, as it does not on a full disk."""
        if error.filename is None:
            error.filename = str(self.final)


def _sweep(final: Path) -> None:
    """Remove what killed processes left beside the folder, and put an interrupted exchange right."""
    old = final.with_name(f".{final.name}.old")
    if old.is_dir():
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(final)
    for stale in final.parent.glob(f".{final.name}.new-*"):
        descriptor = os.open(stale, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(stale, ignore_errors=True)
        except BlockingIOError:
            continue  # a live process works here
        finally:
            os.close(descriptor)


def _exchange(new: Path, final: Path) -> None:
    """Swap two folders; afterwards `new` names the old version."""
    libc = ctypes.CDLL(None, use_errno=True)
    swap = getattr(libc, "renameat2", None)
    arguments = (_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(final), _RENAME_EXCHANGE)
    if swap is not None and swap(*arguments) == 0:
        return
    old = final.with_name(f".{final.name}.old")  # no atomic swap here: `_sweep` mends what a crash leaves between
    final.rename(old)
    new.rename(final)
    old.rename(new)


def _sync(folder: Path) -> None:
    for base, _, names in os.walk(folder):
        for name in names:
            with (Path(base) / name).open("rb") as file:
                os.fsync(file.fileno())
        _sync_folder(Path(base))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(final: Path) -> Generator[None]:
    """The turn of this process to exchange a folder."""
    with final.with_name(f".{final.name}.lock").open("w") as lock:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    said = f"another process keeps it locked for {_PATIENCE:.0f} s; look for a suspended `tapc`"
                    raise TimeoutError(errno.ETIMEDOUT, said, str(final)) from None
                time.sleep(0.02)
        yield
