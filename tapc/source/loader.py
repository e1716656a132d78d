"""The one door through which specs, modules and tables are read."""

from pathlib import Path
from typing import Protocol

MAX_BYTES = 64 * 1024 * 1024


class LoadError(Exception):
    """A file cannot be read; the message says why, in words for the user."""


class Loader(Protocol):
    """Reads files by absolute or relative path; a git revision or an editor's open buffers can stand behind it."""

    def read(self, path: Path) -> bytes:
        """Return the whole content.

        Raises:
            LoadError: missing, not a file, unreadable, or larger than `MAX_BYTES`.
        """
        ...


class DiskLoader:
    """Reads from the file system."""

    def read(self, path: Path) -> bytes:
        """Return the whole content of a regular file; see `Loader.read`."""
        try:
            if path.is_dir():
                raise LoadError(f"{path} is a folder, not a file")
            if not path.is_file():
                raise LoadError(f"{path} {_missing(path)}")
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise LoadError(f"{path} has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read")
            return path.read_bytes()
        except OSError as error:  # symlink loops and permissions end here too
            raise LoadError(f"{path}: {error.strerror or error}") from error
        except RuntimeError as error:  # Python 3.11 and 3.12 raise it for symlink loops
            raise LoadError(f"{path}: {error}") from error


def _missing(path: Path) -> str:
    if path.exists():
        return "is not a regular file"
    return "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
