"""Rows in files of bounded size, with their hashes."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tapc.outputs.encodings import JSONL, Encoding
from tapc.outputs.folder import StagedFolder
from tapc.outputs.manifest import FileEntry
from tapc.rows.columns import Column

_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}\.([^.]+)")

SHARD_BYTES = 500_000_000
"""A shard is closed once its rows, as JSON Lines, have this many bytes."""


def write_shards(
    lines: Iterable[bytes],
    folder: StagedFolder,
    config: str,
    split: str,
    *,
    encoding: Encoding = JSONL,
    columns: tuple[Column, ...] = (),
    shard_bytes: int = SHARD_BYTES,
) -> list[FileEntry]:
    """Write rows as `data/CONFIG/SPLIT-00000-of-00001.SUFFIX` and so on; no file at all where there is no row.

    Args:
        lines: encoded JSON objects with their line ends, in final order.
        folder: where the shards go.
        config: name of the config.
        split: name of the split.
        encoding: of the files.
        columns: of the config.
        shard_bytes: when to start the next shard.

    Raises:
        OSError: the disk is full or gone.
    """
    where = ("data", config)
    parts: list[tuple[str, int, str]] = []
    source = iter(lines)
    line = next(source, None)
    count = 0

    def rows() -> Iterator[bytes]:
        """The rows of one shard."""
        nonlocal line, count
        count = size = 0
        while line is not None and (size < shard_bytes or not count):
            count += 1
            size += len(line)
            yield line
            line = next(source, None)

    while line is not None:
        name = f"{split}-{len(parts):05d}.part"
        digest = hashlib.sha256()
        with folder.create(*where, name) as file:
            write, update = file.write, digest.update
            for piece in encoding.encode(rows(), columns):
                write(piece)
                update(piece)
        parts.append((name, count, digest.hexdigest()))
    entries: list[FileEntry] = []
    for i, (name, held, sha256) in enumerate(parts):
        final = f"{split}-{i:05d}-of-{len(parts):05d}.{encoding.suffix}"
        folder.rename(where, name, final)
        entries.append(FileEntry(path="/".join((*where, final)), rows=held, sha256=sha256))
    return entries


def may_be_ours(path: str, *, folder: bool, splits: Mapping[str, Sequence[str]], encodings: Sequence[Encoding]) -> bool:
    """Whether something at a path within a dataset's folder is in the way of its data files.

    Args:
        path: where it stands.
        folder: whether it is a folder.
        splits: names of splits, by config.
        encodings: those in which files may be written.
    """
    parts = path.split("/")
    if parts[0] != "data" or (len(parts) > 1 and parts[1] not in splits) or len(parts) > 3:
        return False
    if len(parts) < 3:
        return not folder
    shard = _SHARD.fullmatch(parts[2])
    suffixes = {encoding.suffix for encoding in encodings}
    return shard is not None and shard[1] in splits[parts[1]] and shard[2] in suffixes
