"""The folder of a dataset, read as it was written: manifest, configs, splits, files and their hashes."""

import hashlib
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import msgspec

from tapc.exports.errors import ExportError
from tapc.outputs.standing import MANIFEST

_SCHEMA, _VERSION = "tapc.manifest/", "1"
_SUFFIX = ".jsonl"
_LARGEST = 64 * 2**20
"""Bytes of a manifest that are read; one with a million cells that came short has 40 MB."""


class _File(msgspec.Struct, frozen=True):
    path: str
    rows: int
    sha256: str


class _Manifest(msgspec.Struct, frozen=True):
    dataset: str
    plan_digest: str
    simulated: bool
    files: list[_File]


class _Schema(msgspec.Struct, frozen=True):
    schema: str


class DatasetFolder:
    """A dataset on disk.

    Attributes:
        name, plan_digest, simulated: as its manifest has them.
        configs: files of rows by config and split, in order.

    Args:
        root: its folder.

    Raises:
        ExportError: it is not the folder of a dataset, or of a version of tapc that is not known here.
    """

    def __init__(self, root: Path) -> None:
        manifest = _read(root)
        self._root = root
        self.name = manifest.dataset
        self.plan_digest = manifest.plan_digest
        self.simulated = manifest.simulated
        self.configs: dict[str, dict[str, list[_File]]] = {}
        for file in manifest.files:
            config, split = _parts(root, file.path)
            self.configs.setdefault(config, {}).setdefault(split, []).append(file)

    def verify(self, config: str) -> None:
        """See that the files of a config are those that the manifest lists.

        Raises:
            ExportError: one is missing or was changed.
            OSError: one cannot be read.
        """
        for files in self.configs[config].values():
            for file in files:
                with self._open(file) as opened:
                    digest = hashlib.file_digest(opened, "sha256").hexdigest()
                if digest != file.sha256:
                    raise _damaged(f"{self._root / file.path} was changed after `tapc run` wrote it")

    def rows(self, config: str, split: str) -> Iterator[bytes]:
        """The rows of a split as lines, one at a time; raises as `verify` does if a file is missing."""
        for file in self.configs[config][split]:
            with self._open(file) as opened:
                yield from opened

    def _open(self, file: _File) -> BufferedReader:
        try:
            return _opened(self._root / file.path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise _damaged(f"{self._root / file.path} is missing") from None


def _opened(path: Path) -> BufferedReader:
    """A file, open for reading; anything but a regular file counts as missing, since a pipe would be waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return os.fdopen(descriptor, "rb")


def _read(root: Path) -> _Manifest:
    place = root / MANIFEST
    try:
        with _opened(place) as file:
            if os.fstat(file.fileno()).st_size > _LARGEST:
                raise _none(root, f"its {MANIFEST} has more than {_LARGEST // 2**20} MB")
            data = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise _none(root, f"it has no {MANIFEST}" if root.is_dir() else "there is no such folder") from None
    try:
        schema = msgspec.json.decode(data, type=_Schema).schema
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _none(root, f"its {MANIFEST} is not one of a dataset") from None
    if not schema.startswith(_SCHEMA):
        raise _none(root, f"its {MANIFEST} is not one of a dataset, but {schema[:60]!r}")
    if schema != _SCHEMA + _VERSION:
        raise ExportError("TAP890", f"{root} was written by a newer tapc ({schema[:60]})", "upgrade tapc")
    try:
        return msgspec.json.decode(data, type=_Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(f"{place} cannot be read: {error}") from error


def _parts(root: Path, path: str) -> tuple[str, str]:
    """Config and split of a file, from its path `data/CONFIG/SPLIT-00000-of-00001.jsonl`."""
    parts = path.split("/")
    if len(parts) != 3 or parts[0] != "data" or not all(_plain(part) for part in parts) or "-of-" not in parts[2]:
        raise _damaged(f"{root / MANIFEST} lists {path[:200]!r}, which is not the path of a data file")
    if not path.endswith(_SUFFIX):
        raise ExportError("TAP890", f"{root / path} is not JSON Lines", "exports read datasets in JSON Lines")
    return parts[1], parts[2].rsplit("-", 3)[0]


def _plain(part: str) -> bool:
    return part not in ("", ".", "..") and "\\" not in part and "\0" not in part and os.sep not in part


def _none(root: Path, why: str) -> ExportError:
    return ExportError("TAP890", f"{root} is not the folder of a dataset: {why}", "name a folder that `tapc run` wrote")


def not_a_row(where: str, error: Exception) -> ExportError:
    """A row is not one that `tapc run` writes, though the manifest lists its file."""
    return _damaged(f"{where} is not a row of a dataset: {error}")


def _damaged(message: str) -> ExportError:
    return ExportError("TAP891", message, "run the spec again: replies that are stored are not asked again")
