"""JSON Lines shards with their hashes."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from tapc.outputs.folder import StagedFolder
from tapc.outputs.manifest import FileEntry

_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}\.jsonl")

SHARD_BYTES = 500_000_000
"""A shard is closed once it holds this much."""


def write_jsonl(
    lines: Iterable[bytes], folder: StagedFolder, config: str, split: str, *, shard_bytes: int = SHARD_BYTES
) -> list[FileEntry]:
    """Write rows as `data/CONFIG/SPLIT-00000-of-00001.jsonl` and so on; no file at all where there is no row.

    Args:
        lines: encoded JSON objects with their line ends, in final order.
        folder: where the shards go.
        config: name of the config.
        split: name of the split.
        shard_bytes: when to start the next shard.

    Raises:
        OSError: the disk is full or gone.
    """
    where = ("data", config)
    parts: list[tuple[str, int, str]] = []
    source = iter(lines)
    line = next(source, None)
    while line is not None:
        name = f"{split}-{len(parts):05d}.part"
        digest, count, size = hashlib.sha256(), 0, 0
        with folder.create(*where, name) as file:
            write, update = file.write, digest.update
            while line is not None and (size < shard_bytes or not count):
                write(line)
                update(line)
                count += 1
                size += len(line)
                line = next(source, None)
        parts.append((name, count, digest.hexdigest()))
    entries: list[FileEntry] = []
    for i, (name, count, sha256) in enumerate(parts):
        final = f"{split}-{i:05d}-of-{len(parts):05d}.jsonl"
        folder.rename(where, name, final)
        entries.append(FileEntry(path="/".join((*where, final)), rows=count, sha256=sha256))
    return entries


def may_be_ours(path: str, *, folder: bool, splits: Mapping[str, Sequence[str]]) -> bool:
    """Whether something at a path within a dataset's folder is in the way of its data files.

    Args:
        path: where it stands.
        folder: whether it is a folder.
        splits: names of splits, by config.
    """
    parts = path.split("/")
    if parts[0] != "data" or (len(parts) > 1 and parts[1] not in splits) or len(parts) > 3:
        return False
    if len(parts) < 3:
        return not folder
    shard = _SHARD.fullmatch(parts[2])
    return shard is not None and shard[1] in splits[parts[1]]
