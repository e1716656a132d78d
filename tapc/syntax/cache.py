"""A private cache on disk for data that can be computed again."""

import hashlib
import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

from tapc import __version__
from tapc.source import bundled_dir

MAX_FILES = 2000
"""Most files; above that, the older half is deleted."""

OFF = "TAPC_NO_CACHE"
"""Environment variable that disables the cache if it is not empty."""


@cache
def code_version() -> str:
    """A text that changes with this package or the grammar, in a release and in a checkout."""
    found = [*Path(__file__).parent.glob("*.py"), *bundled_dir("grammar").glob("*.lark")]
    files = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in found)
    return f"tapc {__version__} {hashlib.sha256(repr(files).encode()).hexdigest()}"


class PrivateCache:
    """Files named by the hash of their key, each beginning with the hash of its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: bytes) -> Path:
        return self._folder / hashlib.sha256(key).hexdigest()

    def read(self, key: bytes) -> bytes | None:
        """The content stored under a key, if it exists and is intact."""
        try:
            data = self._path(key).read_bytes()
        except OSError:
            return None
        digest, content = data[:32], data[32:]
        return content if hashlib.sha256(content).digest() == digest else None

    def write(self, key: bytes, content: bytes) -> None:
        """Store a content; a full disk or a read-only home is not an error."""
        path = self._path(key)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            partial.write_bytes(hashlib.sha256(content).digest() + content)
            partial.replace(path)
            self._prune()
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def _prune(self) -> None:
        paths = list(self._folder.iterdir())
        if len(paths) <= MAX_FILES:
            return
        ages: list[tuple[float, Path]] = []
        for path in paths:
            with suppress(OSError):  # another process prunes too
                ages.append((path.stat().st_mtime, path))
        for _, path in sorted(ages)[: len(ages) // 2]:
            with suppress(OSError):
                path.unlink()


@cache
def _opened(folder: Path) -> PrivateCache | None:
    """The cache in a folder that belongs to this user alone, or None if it cannot be made private."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return None
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError:
        return None
    return PrivateCache(folder)


def private_cache() -> PrivateCache | None:
    """The user's cache (`$XDG_CACHE_HOME/tapc`, else `~/.cache/tapc`), or None if there is none or it is disabled."""
    if os.environ.get(OFF):
        return None
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(home) if os.path.isabs(home) else Path.home() / ".cache"  # noqa: PTH117 - of a text, not a path
    except RuntimeError:  # there is no home
        return None
    return _opened(base / "tapc")
