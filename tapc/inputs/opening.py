"""Opens the files that a spec names: regular files of bounded size.

If links lead to them, they must be inside the folder of the spec.
"""

import gzip
import io
import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO, Self, cast

from tapc.inputs.errors import InputError
from tapc.source import leads_outside

RATIO = 200
"""Largest ratio of unpacked to compressed size. Rows of text have 3 to 30."""

LEAST = 64 * 1024 * 1024
"""Unpacked bytes that are allowed for any compressed file, even a small one."""

MOST = 64 * 1024 * 1024 * 1024
"""Most unpacked bytes of any compressed file."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_MAGIC = (
    (b"\x1f\x8b", "compressed by gzip", "its name should end in .gz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "unpack it first"),
    (b"PAR1", "Parquet", "its name should end in .parquet"),
    (b"PK\x03\x04", "a ZIP archive, or a workbook of a spreadsheet", "save the sheet as CSV in UTF-8"),
    (b"\xff\xfe", "UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16", "save it as UTF-8"),
)

Signature = tuple[int, int, int]
"""Size, time of the last change (ns) and identity of a file."""


class Folder:
    """The folder of a spec, and the places where its files may be.

    Attributes:
        path: folder to which names are relative.
    """

    def __init__(self, path: Path, *, outside: bool = False) -> None:
        self.path = path
        self._outside = outside

    def find(self, name: str) -> Path | None:
        """The path of a file that a spec names; None if it does not exist.

        Raises:
            InputError: it is not a regular file, or a link leads out of the folder.
        """
        place = self.path / name
        try:
            self.stay_inside(name)
            mode = place.stat().st_mode
        except FileNotFoundError:
            if place.is_symlink():
                raise InputError("TAP709", f"{name} is a broken link", "a link must lead to a file") from None
            return None
        except (OSError, RuntimeError, ValueError) as error:  # ValueError: a NUL in the name
            raise unreadable(name, error) from error
        _be_regular(name, mode)
        return place

    def stay_inside(self, name: str) -> None:
        """Check that no link leads out of the folder, unless that is allowed.

        Raises:
            InputError: a link does.
        """
        if self._outside:
            return
        found = leads_outside(self.path / name, self.path)
        if found is not None:
            raise InputError(
                "TAP719",
                f"{name} is a link that leads out of the spec's folder, to {found}",
                "write that path in the spec if you mean it, or give --allow-outside if you trust the spec",
            )


class Opened:
    """A file being read; a context manager.

    Attributes:
        bytes: its content, unpacked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        descriptor = os.open(path, _FLAGS)
        self._raw = os.fdopen(descriptor, "rb")
        found = os.fstat(descriptor)
        self._signature = signature(found)
        self.bytes: BinaryIO = self._raw
        try:
            _be_regular(path.name, found.st_mode)
            if path.suffix.lower() == ".gz":
                self.bytes = cast("BinaryIO", _Unpacked(path, self._raw, found.st_size))
            else:
                self._look()
        except BaseException:  # Ctrl-C included: no other code can close the file
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def finish(self) -> None:
        """Check that the file is unchanged since it was opened.

        Raises:
            InputError: it changed while it was read.
        """
        if signature(os.fstat(self._raw.fileno())) != self._signature:
            raise InputError(
                "TAP709", f"{self._path.name} changed while it was read", "run it again when it is complete"
            )

    def _look(self) -> None:
        head = self._raw.peek(4)[:4]
        for magic, what, advice in _MAGIC:
            if head.startswith(magic):
                raise InputError("TAP711", f"{self._path.name} is {what}, not text in UTF-8", advice)


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, up to a limit."""

    def __init__(self, path: Path, raw: BinaryIO, size: int) -> None:
        self._name = path.name
        self._file = gzip.GzipFile(fileobj=raw, mode="rb")
        self._size = size
        self._left = min(MOST, max(LEAST, RATIO * size))

    def read(self, size: int = -1, /) -> bytes:
        try:
            data = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        except (EOFError, zlib.error) as error:
            reason = "it ends too early" if isinstance(error, EOFError) else str(error)
            raise InputError("TAP711", f"{self._name} is damaged: {reason}", "download or compress it again") from error
        self._left -= len(data)
        if self._left < 0:
            told = f"{self._name} has {self._size:,} bytes and unpacks to more than {self._unpacked():,}"
            raise InputError(
                "TAP711", told, "unpack it first if that is right; this may be an archive made to fill disks"
            )
        return data

    def _unpacked(self) -> int:
        return min(MOST, max(LEAST, RATIO * self._size))


def _be_regular(name: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((kind for test, kind in _KINDS if test(mode)), "something else")
    raise InputError("TAP709", f"{name} is {kind}, not a regular file", "rows are read from regular files")


def signature(found: os.stat_result) -> Signature:
    """Values that change when a file changes."""
    return found.st_size, found.st_mtime_ns, found.st_ino


def unreadable(name: str | Path, error: Exception) -> InputError:
    """The reason of the system, in words for the user."""
    if isinstance(error, FileNotFoundError):
        return InputError("TAP709", f"{name} does not exist", "paths are relative to the spec")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError("TAP709", f"{name}: {reason}", "paths are relative to the spec")
