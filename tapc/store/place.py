"""The folder of a store: made private, and refused where SQLite cannot keep its promises."""

import os
import stat
from pathlib import Path

from tapc.store.errors import StoreError, damaged, emptied, from_sqlite

DATABASE = "store.db"
BALLAST = "ballast"
_BALLAST_BYTES = 4 << 20

# fmt: off
_NETWORK = frozenset((
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "9p", "afs", "ceph", "fuse.ceph",
    "glusterfs", "fuse.glusterfs", "lustre", "beegfs", "gpfs", "orangefs", "pvfs2", "ocfs2", "gfs2", "davfs",
    "fuse.davfs2", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.juicefs", "fuse.goofys",
    "fuse.mount-s3", "fuse.curlftpfs", "fuse.moosefs", "fuse.lizardfs", "fuse.seaweedfs", "prl_fs", "vboxsf",
    "fuse.vmhgfs-fuse",
))
# fmt: on
"""Kinds of filesystems on which locks or shared memory of SQLite's write-ahead log are known not to hold."""

README = """\
# A store of tapc

Replies of models and what was spent on them: what was paid for is here, so keep it, or `tapc cache export` it.
Only you can read the folder; who can, reads all replies. Keys are never in it (SECURITY.md of tapc).

- `store.db` (with `-wal` and `-shm` while in use): replies, accounts, history. `tapc cache stats`, `tapc budget show`.
- `ballast`: 4 MB of nothing. On a full disk it is given up, so that replies on their way can still be kept.
- `runs/`, `turn.lock`, `write.lock`: which processes are at work. Empty files, never in the way.

To free space: `tapc cache gc`. To start again: remove the folder; replies will be paid for again, and what was spent
is forgotten.
"""


def prepare(folder: Path) -> None:
    """Make the folder, private to its owner.

    Raises:
        StoreError: it cannot be made or written, or lies on a network filesystem.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_network(folder)
        info = folder.stat()
        if info.st_uid == os.geteuid() and stat.S_IMODE(info.st_mode) != 0o700:
            folder.chmod(0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "no permission to write", str(folder))
        (folder / "runs").mkdir(mode=0o700, exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        readme = folder / "README.md"
        if not readme.exists():
            readme.write_text(README, encoding="utf-8")
    except OSError as error:
        raise from_sqlite(error, folder) from error


def has_database(folder: Path) -> bool:
    """Whether there is a database; where there is none the store is new, as in a fresh clone.

    Raises:
        StoreError: something is there that cannot be one, or the database is gone and its log is not.
    """
    path = folder / DATABASE
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        log = folder / f"{DATABASE}-wal"
        if log.exists() and log.stat().st_size:
            raise damaged(folder, f"{DATABASE} is gone, but {log.name} is there") from None
        return False
    try:
        info = path.stat()
    except FileNotFoundError:
        target = path.readlink()
        raise StoreError("TAP852", f"{path} is a link to {target}, which is not there", "mount or restore it") from None
    if not stat.S_ISREG(info.st_mode):
        raise StoreError("TAP852", f"{path} is not a file", "move it away, or name another folder with `--store`")
    if not info.st_size:
        raise emptied(folder)
    return True


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_network(folder: Path, mounted: Path = Path("/proc/self/mountinfo")) -> None:
    """Raise StoreError where the folder lies on a network filesystem; where mounts cannot be read, nothing is known."""
    try:
        mounts = mounted.read_text("utf-8", "replace")
    except OSError:
        return
    kind = filesystem_kind(str(folder.resolve()), mounts)
    if kind in _NETWORK:
        raise StoreError(
            "TAP851",
            f"the store {folder} lies on a network filesystem ({kind}), where its locks do not hold",
            "put it on a local disk with `--store DIR`; output may stay where it is",
        )


def filesystem_kind(path: str, mountinfo: str) -> str:
    """Kind of the filesystem that holds an absolute path.

    Args:
        path: resolved, so that no symbolic link is left.
        mountinfo: text of `/proc/self/mountinfo`; see proc(5).

    Returns:
        Such as `ext4` or `nfs4`, empty where it is not known. Of mounts at one point the last one counts.
    """
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        head, separator, tail = line.partition(" - ")
        fields = head.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = _unescaped(fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), tail.split(" ", 1)[0]
    return kind


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def lay_ballast(folder: Path) -> None:
    """Keep some megabytes aside, so that replies already paid for can still be stored when the disk is full."""
    path = folder / BALLAST
    try:
        if path.exists() and path.stat().st_size >= _BALLAST_BYTES:
            return
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _BALLAST_BYTES)
    except OSError:  # the disk is too full: then there is none, and the run may still fit
        path.unlink(missing_ok=True)


def drop_ballast(folder: Path) -> bool:
    """Give the ballast back to the disk; returns whether there was one."""
    try:
        (folder / BALLAST).unlink()
    except OSError:
        return False
    return True
