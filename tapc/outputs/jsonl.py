"""JSON Lines shards with their hashes."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tapc.outputs.manifest import FileEntry

SHARD_BYTES = 500_000_000
"""A shard is closed once it holds this much."""


def write_jsonl(
    lines: Iterable[bytes], folder: Path, split: str, root: Path, *, shard_bytes: int = SHARD_BYTES
) -> list[FileEntry]:
    """Write rows as `SPLIT-00000-of-00001.jsonl` and so on; no file at all where there is no row.

    Args:
        lines: encoded JSON objects with their line ends, in final order.
        folder: where the shards go; created when the first row comes.
        split: name of the split.
        root: folder that the entries' paths are relative to.
        shard_bytes: when to start the next shard.

    Raises:
        OSError: the disk is full or gone.
    """
    parts: list[tuple[Path, int, str]] = []
    source = iter(lines)
    line = next(source, None)
    while line is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{split}-{len(parts):05d}.part"
        digest, count, size = hashlib.sha256(), 0, 0
        with path.open("wb", buffering=1 << 20) as file:
            write, update = file.write, digest.update
            while line is not None and (size < shard_bytes or not count):
                write(line)
                update(line)
                count += 1
                size += len(line)
                line = next(source, None)
        parts.append((path, count, digest.hexdigest()))
    entries: list[FileEntry] = []
    for i, (path, count, sha256) in enumerate(parts):
        final = folder / f"{split}-{i:05d}-of-{len(parts):05d}.jsonl"
        path.rename(final)
        entries.append(FileEntry(path=final.relative_to(root).as_posix(), rows=count, sha256=sha256))
    return entries
