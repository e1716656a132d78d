"""The only way in which specs, modules and tables are read."""

import os
import stat
from itertools import islice
from pathlib import Path
from typing import Protocol

from tapc.source.bundled import bundled_dir
from tapc.source.links import leads_outside

MAX_BYTES = 64 * 1024 * 1024

_LOOKED_AT = 1000
"""Entries of a folder among which the name of a missing file is looked for."""


class LoadError(Exception):
    """A file cannot be read; the message tells the user why.

    Attributes:
        near: names of files that might have been meant.
    """

    def __init__(self, message: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class Loader(Protocol):
    """Reads files by absolute or relative path: from disk, from a git revision or from the buffers of an editor."""

    def read(self, path: Path) -> bytes:
        """Return the whole content.

        Raises:
            LoadError: the file is missing, not regular, unreadable, or larger than `MAX_BYTES`.
        """
        ...


class DiskLoader:
    """Reads from the file system.

    Attributes:
        within: folder that links may not lead out of; None follows every link.
        given: a path that the user named, which may be a link to anywhere.
    """

    def __init__(self, within: Path | None = None, given: Path | None = None) -> None:
        self.within = within
        self.given = given

    def read(self, path: Path) -> bytes:
        """Return the whole content of a regular file; see `Loader.read`."""
        try:
            if path.is_dir():
                raise LoadError(f"{path} is a folder, not a file")
            if not path.is_file():
                raise LoadError(f"{path} {_missing(path)}", _near(path))
            self._stay_inside(path)
            with os.fdopen(os.open(path, os.O_RDONLY | _AT_ONCE), "rb") as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):  # it was replaced in the meantime
                    raise LoadError(f"{path} is not a regular file")
                if found.st_size > MAX_BYTES:
                    told = f"{found.st_size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB"
                    raise LoadError(f"{path} has {told} can be read")
                data = file.read(MAX_BYTES + 1)
        except OSError as error:  # symlink loops and permissions end here too
            raise LoadError(f"{path}: {error.strerror or error}") from error
        except RuntimeError as error:  # Python 3.11 and 3.12 raise it for symlink loops
            raise LoadError(f"{path}: {error}") from error
        if len(data) > MAX_BYTES:  # it grows while it is read, or the system reports no size
            raise LoadError(f"{path} has more than {MAX_BYTES / 1e6:.0f} MB, the most that can be read")
        return data

    def _stay_inside(self, path: Path) -> None:
        if self.within is None or path == self.given:
            return
        found = leads_outside(path, self.within)
        if found is not None and not found.is_relative_to(bundled_dir("stdlib").resolve()):
            raise LoadError(
                f"{path} is a link that leads out of the spec's folder, to {found}; write that path instead, or give"
                " --allow-outside if you trust the spec"
            )


_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Opening a FIFO does not wait for a writer; on Windows, bytes are not translated."""


def _missing(path: Path) -> str:
    if path.exists():
        return "is not a regular file"
    return "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"


def _near(path: Path) -> tuple[str, ...]:
    """Names of files in the folder of a missing one that end as it does."""
    try:
        with os.scandir(path.parent) as entries:
            return tuple(entry.name for entry in islice(entries, _LOOKED_AT) if entry.name.endswith(path.suffix))
    except OSError:
        return ()
