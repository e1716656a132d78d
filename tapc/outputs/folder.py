"""A folder that is replaced as a whole: written next to its place, synced, exchanged under a lock.

Files are opened relative to a descriptor of the new folder, one plain name at a time, without following links and only
where nothing stands, so that no name that a spec gives leads out of it.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from tapc.ir import why_not_plain
from tapc.outputs.carried import carry, foreign, retire
from tapc.outputs.standing import FolderError, Owner, Standing, known_manifest, listed_by, standing

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_PATIENCE = 60.0
"""Seconds to wait for another process's exchange, which takes milliseconds unless that process is suspended."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Mine(Protocol):
    """Whether a path within the folder is one that a new version may write."""

    def __call__(self, path: str, *, folder: bool) -> bool:
        """Look at a file, or at an empty folder."""
        ...


class StagedFolder:
    """A new version of a dataset's folder under construction.

    Args:
        final: where it will stand; its last part is the dataset's name.
        mine: tells whether something of others is in the way of what will be written.
        owner: whose versions replace one another there; None means those of the dataset of the folder's name.

    Attributes:
        before: what is at `final`; None where nothing is.

    Raises:
        FolderError: something that must not be replaced is at `final`, or its parent cannot be written.
    """

    def __init__(self, final: Path, mine: Mine | None = None, owner: Owner | None = None) -> None:
        trouble = why_not_plain(final.name)
        if trouble is not None:
            raise FolderError(f"{final.name!r} cannot be the name of a dataset's folder: {trouble}")
        self.final = final
        self._owner = owner or Owner(final.name)
        self._placed = False
        self._made = [parent for parent in final.parents if not parent.exists()]
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            _sweep(final)
        except OSError as error:
            raise FolderError(f"cannot write next to {final}: {error.strerror or error}") from error
        self.before = standing(final, self._owner)
        self._refuse_what_is_in_the_way(mine)
        try:
            self.path, self._root = _new_next_to(final)
        except OSError as error:
            raise FolderError(f"cannot write next to {final}: {error.strerror or error}") from error

    def _refuse_what_is_in_the_way(self, mine: Mine | None) -> None:
        if self.before is None or self.before.empty:
            return
        for one in foreign(self.final, self.before.listed):
            if mine is not None and mine(one.path, folder=one.folder):
                raise FolderError(
                    f"{self.final / one.path} is not tapc's and stands where the dataset has a file of its own; move "
                    "it away, or choose another folder with --out"
                )

    def create(self, *parts: str) -> BinaryIO:
        """Open a new file in the folder for writing; folders on the way are made.

        Args:
            parts: names, from the folder down.

        Raises:
            ValueError: a part is not a name; a bug, since names are checked where specs are compiled.
            FileExistsError: the file exists.
            OSError: the disk is full or gone.
        """
        with self._folder(parts[:-1]) as folder:
            return os.fdopen(os.open(_part(parts[-1]), _NEW_FILE, 0o666, dir_fd=folder), "wb", buffering=1 << 20)

    def rename(self, folder: tuple[str, ...], old: str, new: str) -> None:
        """Give a file of the folder another name in the same place; see `create`."""
        with self._folder(folder) as descriptor:
            os.rename(_part(old), _part(new), src_dir_fd=descriptor, dst_dir_fd=descriptor)

    @contextmanager
    def _folder(self, parts: tuple[str, ...]) -> Generator[int]:
        """A descriptor of a folder inside; folders are made on the way, links not followed."""
        descriptor = os.dup(self._root)
        try:
            for part in parts:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(_part(part), dir_fd=descriptor)
                inner = os.open(_part(part), _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def commit(self) -> None:
        """Put the new version into place; afterwards either all of it or all of the old one is there, never a mixture.

        What was there and is not tapc's is in the new version, too.

        Raises:
            FolderError: something came into the way meanwhile; the old version still stands.
            OSError: the disk is full or gone, or another process keeps the folder locked; the old version still stands.
        """
        _sync(self.path)
        with _locked(self.final):
            before = self._looked_at_again()
            if before is None or before.empty:
                self._put()
            else:
                self._exchange(before)
            os.close(self._root)

    def _looked_at_again(self) -> Standing | None:
        try:
            return standing(self.final, self._owner)
        except FolderError as error:
            raise FolderError(str(error), late=True) from error

    def _put(self) -> None:
        try:
            self.path.rename(self.final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise FolderError(f"something came into {self.final}; move it away, or use --out", late=True) from error
        _sync_folder(self.final.parent)

    def _exchange(self, before: Standing) -> None:
        old = os.open(self.final, _FOLDER)
        try:
            fcntl.flock(old, fcntl.LOCK_EX | fcntl.LOCK_NB)  # so that no `_sweep` removes it at the same time
            carry(self.final, self.path, before.listed)
            _sync_folder(self.path)
            self._placed = True  # from here on the path may name the old version, with what others put there
            _exchange(self.path, self.final)
            _sync_folder(self.final.parent)
            self._retire(before)
            _sync_folder(self.final.parent)
        finally:
            os.close(old)

    def _retire(self, before: Standing) -> None:
        try:
            retire(self.path, self.final, before.listed)
        except FolderError as error:
            said = f"the new version stands, and what is left of the old one is in {self.path}: {error}"
            raise FolderError(said, late=True) from error

    def discard(self) -> None:
        """Give up; the old version still stands, and folders that were made for the new one and are empty go."""
        if not self._placed:
            shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._root)
        with contextlib.suppress(OSError):  # another program put something there
            for parent in self._made:
                parent.rmdir()

    def place(self, error: OSError) -> None:
        """Let an error name the folder where the system named no file, as it does not on a full disk."""
        if error.filename is None:
            error.filename = str(self.final)


def _new_next_to(final: Path) -> tuple[Path, int]:
    """A new folder next to a place, and its descriptor, locked: that tells `_sweep` that it is still in use."""
    while True:
        path = final.with_name(f".{final.name}.new-{secrets.token_hex(8)}")
        path.mkdir()  # not `mkdtemp`: the dataset is as private as the umask makes it, no more and no less
        descriptor = -1
        try:
            descriptor = os.open(path, _FOLDER)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_ino == path.lstat().st_ino:
                return path, descriptor
        except (FileNotFoundError, BlockingIOError):  # another process swept it before it was locked
            pass
        if descriptor >= 0:
            os.close(descriptor)


def _part(name: str) -> str:
    """A name that is one part of a path, whatever a spec says."""
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise ValueError(f"{name!r} is not the name of a file")
    return name


def _sweep(final: Path) -> None:
    """Remove what killed processes left next to the folder, and put an interrupted exchange right.

    Raises:
        OSError: the folder around it cannot be listed.
    """
    _sweep_old(final)
    stale = re.compile(re.escape(f".{final.name}.new-") + "[0-9a-f]{16}")
    with os.scandir(final.parent) as entries:
        left = [Path(entry.path) for entry in entries if stale.fullmatch(entry.name)]
    for path in left:
        try:
            descriptor = os.open(path, _FOLDER)
        except OSError:
            continue  # gone meanwhile, or nothing that tapc made
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path, final)
        except BlockingIOError:
            continue  # a live process works here
        finally:
            os.close(descriptor)


def _sweep_old(final: Path) -> None:
    lock = final.with_name(f".{final.name}.lock")  # of earlier versions of tapc, which left it
    with contextlib.suppress(OSError):
        if lock.is_file() and not lock.is_symlink() and not lock.stat().st_size:
            lock.unlink()
    old = final.with_name(f".{final.name}.old")
    if old.is_dir() and not old.is_symlink():
        if os.path.lexists(final):
            _remove(old, final)
        else:
            old.rename(final)


def _remove(stale: Path, final: Path) -> None:
    """Remove a folder that a killed process left: half made, or a whole version with what others put into it."""
    known = known_manifest(stale)
    if known is None:  # the manifest is written last: this one is half made, and tapc's
        shutil.rmtree(stale, ignore_errors=True)
    elif final.is_dir() and not final.is_symlink():
        with contextlib.suppress(OSError, FolderError):  # the next run tries again
            retire(stale, final, listed_by(known))
    elif not foreign(stale, listed_by(known)):
        shutil.rmtree(stale, ignore_errors=True)


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
    """The turn of this process to exchange a folder; the lock is on the folder above, so that no file stays there."""
    above = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    end = time.monotonic() + _PATIENCE
    try:
        while True:
            try:
                fcntl.flock(above, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    said = f"another process keeps it locked for {_PATIENCE:.0f} s; look for a suspended `tapc`"
                    raise TimeoutError(errno.ETIMEDOUT, said, str(final)) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(above)
