"""What others put into a dataset's folder goes over into its next version: a `.git`, notes, links, hidden files.

Before two versions are exchanged, everything of the old one that its manifest does not list is linked into the new one
(hard links: nothing is copied, and nothing is followed). So at any moment, whatever is killed, the folder in place has
it. When the old version is removed, only what it lists, and what is in the new version too, is deleted; the rest
(what could not be linked, or came in the meantime) is moved.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from tapc.outputs.standing import MANIFEST, FolderError, may

_UNLINKABLE = frozenset((errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP))
"""Why a hard link cannot be made although a file can be moved: its owner, the file system, too many links."""

_PASSES = 3
"""How often a folder is gone through again because something new stood in it."""


class Foreign(msgspec.Struct, frozen=True):
    """Something that is not tapc's: path within the folder, and whether it is a folder."""

    path: str
    folder: bool


def foreign(root: Path, listed: frozenset[str]) -> list[Foreign]:
    """Everything in a folder that is not listed, in order, folders before what is in them; links are not followed.

    Folders that hold nothing but listed files are tapc's, and so are those whose listed files are gone.

    Raises:
        FolderError: a part cannot be listed, or is mounted there.
    """
    found: list[Foreign] = []
    ours = {parent.as_posix() for path in listed for parent in PurePosixPath(path).parents}
    device = root.lstat().st_dev
    for entry, path, entries in _walk(root):
        if entry.is_dir(follow_symlinks=False):
            if entry.stat(follow_symlinks=False).st_dev != device:
                raise FolderError(f"{root / path} is a mount point inside a dataset's folder; unmount it, or use --out")
            if not entries and path not in ours:
                found.append(Foreign(path, folder=True))
        elif path not in listed:
            found.append(Foreign(path, folder=False))
    return found


def _walk(root: Path) -> Iterator[tuple[os.DirEntry[str], str, int]]:
    """Entries below a folder, each with its path and, for a folder, how many entries it has."""
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        for entry in _entries(folder):
            path = prefix + entry.name
            count = 0
            if entry.is_dir(follow_symlinks=False):
                count = len(_entries(folder / entry.name))
                waiting.append((folder / entry.name, f"{path}/"))
            yield entry, path, count


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise FolderError(
            f"{folder} is not tapc's and cannot be listed ({error.strerror}), so it cannot be kept; let it be read, "
            "move it away, or choose another folder with --out"
        ) from error


def carry(old: Path, new: Path, listed: frozenset[str]) -> None:
    """Link what is not tapc's from the old version into the new one.

    Raises:
        FolderError: something stands where the new version has a file of its own, or cannot be kept.
        OSError: the disk is full or gone.
    """
    made: list[str] = []
    touched: set[Path] = set()
    for one in foreign(old, listed):
        _make_folders(old, new, one.path if one.folder else one.path.rpartition("/")[0], made)
        if one.folder:
            continue
        try:
            os.link(old / one.path, new / one.path, follow_symlinks=False)
        except FileExistsError:
            raise _in_the_way(old / one.path) from None
        except OSError as error:
            if error.errno not in _UNLINKABLE:
                raise
            if os.path.lexists(new / one.path):
                raise _in_the_way(old / one.path) from None
            if not may((old / one.path).parent, os.W_OK | os.X_OK):
                raise FolderError(
                    f"{old / one.path} is not tapc's and can neither be linked nor moved by you; ask its owner, or "
                    "choose another folder with --out",
                    late=True,
                ) from error
        touched.add((new / one.path).parent)
    for path in reversed(made):
        shutil.copystat(old / path, new / path, follow_symlinks=False)
    for folder in touched | {parent for path in made for parent in (new / path, (new / path).parent)}:
        _sync_folder(folder)


def _make_folders(old: Path, new: Path, path: str, made: list[str]) -> None:
    """Make a folder and those above it, where the new version has none."""
    parts = path.split("/") if path else []
    for depth in range(1, len(parts) + 1):
        part = "/".join(parts[:depth])
        try:
            (new / part).mkdir()
            made.append(part)
        except FileExistsError:
            if not stat.S_ISDIR((new / part).lstat().st_mode):
                raise _in_the_way(old / part) from None


def _sync_folder(folder: Path) -> None:
    """What was linked into a folder must be on the disk before the version that had it goes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _in_the_way(path: Path) -> FolderError:
    return FolderError(
        f"{path} is not tapc's and stands where the dataset has a file of its own; move it away, or choose another "
        "folder with --out",
        late=True,
    )


def retire(old: Path, final: Path, listed: frozenset[str]) -> None:
    """Remove an old version, once the new one is at `final`; whatever is not tapc's ends up there.

    Nothing is deleted that the old version does not list and that is not in the new one as well: where something comes
    into the old folder meanwhile, it is gone through again.

    Raises:
        OSError: something could not be moved; it stays where it is, and the next run tries again.
    """
    for _ in range(_PASSES):
        for one in foreign(old, listed):
            _keep(old, final, one)
        _delete(old, listed | {one.path for one in foreign(old, listed) if _same(old / one.path, final / one.path)})
        if not old.exists():
            return
    raise OSError(errno.ENOTEMPTY, "the new version stands, but something keeps coming into the old one", str(old))


def _keep(old: Path, final: Path, one: Foreign) -> None:
    """See that the new version has something of the old one."""
    here, there = old / one.path, final / one.path
    if _same(here, there):
        return
    if one.folder:
        there.mkdir(parents=True, exist_ok=True)
        return
    number = 0
    while os.path.lexists(there):  # two files of one name: both stay
        number += 1
        there = final / f"{one.path}.kept-{number}"
    there.parent.mkdir(parents=True, exist_ok=True)
    here.rename(there)


def _same(one: Path, other: Path) -> bool:
    try:
        mine, yours = one.lstat(), other.lstat()
    except OSError:
        return False
    return (mine.st_dev, mine.st_ino) == (yours.st_dev, yours.st_ino) and not stat.S_ISDIR(mine.st_mode)


def _delete(old: Path, known: frozenset[str]) -> None:
    """Delete known files, the manifest last, and folders that are empty then."""
    folders: list[str] = []
    for entry, path, _ in _walk(old):
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif path in known and path != MANIFEST:
            (old / path).unlink(missing_ok=True)
    for path in reversed(folders):
        _remove_empty(old / path)
    if [entry.name for entry in _entries(old)] == [MANIFEST]:
        (old / MANIFEST).unlink()
    _remove_empty(old)


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
