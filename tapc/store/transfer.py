"""Replies as a file, to be moved to another store.

Format: the line `tapc.replies/2`, then records, each a length (4 bytes, big endian) and MessagePack of
`[key, realm, created, value, parts]` with the value as it is stored and the parts of the key (see `tapc.jobs.parts`;
empty where they were not kept); at the end a length of zero and the SHA-256 of all before it. The same keys of the
same store give the same bytes. Version 1, which is read too, has no parts.
"""

import hashlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit, urlunsplit

import msgspec
import zstandard

from tapc.jobs import KEY_BYTES, Reply, read_parts
from tapc.store import sql
from tapc.store.book import MOST
from tapc.store.codec import Decoder, crc, guessed_realm
from tapc.store.errors import StoreError, from_sqlite
from tapc.store.inventory import figures_hold, row_columns
from tapc.store.rows import Realm
from tapc.store.store import Store

_MAGIC = b"tapc.replies/2\n"
_OLDER = b"tapc.replies/1\n"
_RECORD = 16 << 20
_UNPACKED = 64 << 20
_PART = 256
_FARTHEST = 2**32
"""Numbers of replies that are tried beyond a damaged page."""

MAX_IMPORT = 16 << 30
"""Bytes of a file to import, and of what it unpacks to, unless told otherwise."""


class Exported(msgspec.Struct, frozen=True):
    """What was written: replies, and keys of damaged ones that were left out."""

    replies: int
    damaged: tuple[bytes, ...]


class Imported(msgspec.Struct, frozen=True):
    """What became of a file.

    Attributes:
        added: replies new to this store.
        known: replies that were there, equal.
        conflicts: keys with another reply here; the one here stays.
        busy: keys a live run is asking at this moment; left out.
    """

    added: int
    known: int
    conflicts: tuple[bytes, ...]
    busy: tuple[bytes, ...]


class _Record(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    key: bytes
    realm: Realm
    created: int
    value: bytes
    parts: bytes = b""


def all_keys(store: Store) -> list[bytes]:
    """Keys of every reply, in order of storing.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        return _keys(row[0] for row in store.connection.execute("SELECT key FROM replies ORDER BY id"))
    except sqlite3.Error as error:
        raise from_sqlite(error, store.folder) from error


def reachable_keys(store: Store) -> tuple[list[bytes], StoreError | None]:
    """Keys of every reply; where the structure is damaged those that can be reached, and what is wrong.

    Raises:
        StoreError: there is nothing to be reached.
    """
    try:
        return all_keys(store), None
    except StoreError as error:
        if not isinstance(error.__cause__, sqlite3.DatabaseError) or error.code != "TAP853":
            raise
        if getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR":
            raise
        return _keys(_reachable(store.connection)), error


def _keys(found: Iterable[Any]) -> list[bytes]:
    return [key for key in found if isinstance(key, bytes) and len(key) == KEY_BYTES]


def _reachable(connection: sqlite3.Connection) -> Iterator[bytes]:
    """Keys on both sides of damaged pages: on an error the next place that can be read is looked for, ever further."""
    start: int | None = 0
    while start is not None:
        last = start
        try:
            for number, key in connection.execute("SELECT id, key FROM replies WHERE id >= ? ORDER BY id", (start,)):
                last = number + 1
                yield key
        except sqlite3.DatabaseError:
            start = _next_sound(connection, last)
        else:
            return


def _next_sound(connection: sqlite3.Connection, start: int) -> int | None:
    """The first number from which on a reply can be read; None where there is none."""

    def reads(number: int) -> bool:
        try:
            connection.execute("SELECT key FROM replies WHERE id >= ? ORDER BY id LIMIT 1", (number,)).fetchone()
        except sqlite3.DatabaseError:
            return False
        return True

    step = 1
    while not reads(start + step):
        step *= 2
        if step > _FARTHEST:
            return None
    low, high = start + step // 2, start + step  # the former does not read, the latter does
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reads(middle) else (middle, high)
    return high


def export_replies(store: Store, keys: Iterable[bytes], file: Path) -> Exported:
    """Write replies to a file, in order of key; the file appears whole or not at all. Folders that lack are made.

    Raises:
        StoreError: the database cannot be read.
        OSError: the file cannot be written.
    """
    wanted = sorted(set(keys))
    damaged: list[bytes] = []
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            count = _write(store, wanted, out, damaged)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except sqlite3.Error as error:
        Path(name).unlink()
        raise from_sqlite(error, store.folder) from error
    except BaseException:  # Ctrl-C included: no half-written file stays next to the place
        Path(name).unlink()
        raise
    return Exported(count, tuple(damaged))


def _write(store: Store, wanted: list[bytes], out: BinaryIO, damaged: list[bytes]) -> int:
    digest = hashlib.sha256(_MAGIC)
    out.write(_MAGIC)
    decode = Decoder()
    count = 0
    head = f"SELECT r.key, r.value, {row_columns(store.connection)} FROM replies r WHERE r.key"  # noqa: S608 - names of columns
    realms = _realms(store.connection)
    for start in range(0, len(wanted), _PART):
        rows = _rows(store.connection, head, wanted[start : start + _PART], damaged)
        for key, value, *row in sorted(rows, key=itemgetter(0)):
            reply = decode(key, value, row[6])
            if reply is None:
                damaged.append(key)
                continue
            realm = realms.get(row[0])
            if realm is None or not figures_hold(*row):
                record = _Record(key, guessed_realm(reply), 0, value)
            else:
                record = _Record(key, realm, row[5], value, row[8] or b"")
            body = msgspec.msgpack.encode(record)
            data = len(body).to_bytes(4, "big") + body
            digest.update(data)
            out.write(data)
            count += 1
    out.write(bytes(4) + digest.digest())
    return count


def _realms(connection: sqlite3.Connection) -> dict[int, Realm]:
    """Realms by origin; none where they cannot be read, which must not lose a reply."""
    try:
        return {
            row[0]: row[1] for row in connection.execute("SELECT id, realm FROM sources") if row[1] in ("real", "sim")
        }
    except sqlite3.DatabaseError:
        return {}


def _rows(
    connection: sqlite3.Connection, head: str, keys: Sequence[bytes], damaged: list[bytes]
) -> list[tuple[Any, ...]]:
    """Rows of some keys; one by one where they cannot be read together."""
    try:
        return sql.where_in(connection, head, keys)
    except sqlite3.DatabaseError as error:
        if len(keys) == 1 and getattr(error, "sqlite_errorname", "").startswith("SQLITE_CORRUPT"):
            damaged.append(keys[0])
            return []
        if len(keys) == 1:
            raise
    return [row for key in keys for row in _rows(connection, head, [key], damaged)]


def import_replies(store: Store, file: Path, *, max_bytes: int = MAX_IMPORT) -> Imported:
    """Add the replies of a file; they are marked as imported.

    The whole file is checked before anything is added. What is there already stays.

    Raises:
        StoreError: it is not an export, is damaged or too large; or the store cannot be written.
        OSError: the file cannot be read.
    """
    if file.stat().st_size > max_bytes:
        raise _too_large(file, max_bytes)
    with file.open("rb") as source:
        unpacked = 0
        for _, reply in _read(source, file):
            unpacked += sum(map(len, reply.texts)) + sum(map(len, reply.reasoning))
            if unpacked > max_bytes:
                raise _too_large(file, max_bytes)
        source.seek(0)
        result = Imported(0, 0, (), ())
        part: list[tuple[_Record, Reply]] = []
        for item in _read(source, file):
            part.append(item)
            if len(part) == _PART:
                result = _merged(result, _add(store, part))
                part = []
        return _merged(result, _add(store, part))


def _merged(a: Imported, b: Imported) -> Imported:
    return Imported(a.added + b.added, a.known + b.known, a.conflicts + b.conflicts, a.busy + b.busy)


def _add(store: Store, part: list[tuple[_Record, Reply]]) -> Imported:
    writing = store.writing()
    ledger = writing.ledger

    def add() -> Imported:
        keys = [record.key for record, _ in part]
        present, asked = (ledger.stored(keys), ledger.asked(keys)) if keys else ({}, {})
        conflicts: list[bytes] = []
        busy: list[bytes] = []
        added = known = 0
        for record, reply in part:
            key = record.key
            if key in present:
                same = present[key].reply == reply
                known += same
                if not same:
                    conflicts.append(key)
            elif key in asked:
                busy.append(key)
            else:
                at = min(record.created, int(time.time()))
                ledger.insert(key, record.realm, reply, created=at, imported=1, parts=record.parts)
                added += 1
        return Imported(added, known, tuple(conflicts), tuple(busy))

    return writing.writer.call(add)


def _read(source: BinaryIO, file: Path) -> Iterator[tuple[_Record, Reply]]:
    """Records of an export, each checked; the digest is checked at the end."""
    magic = source.read(len(_MAGIC))
    digest = hashlib.sha256(magic)
    if magic not in (_MAGIC, _OLDER):
        raise _not_an_export(file, "its first line is another")
    decoder = msgspec.msgpack.Decoder(_Record)
    unpack = Decoder()
    seen = b""
    while True:
        head = source.read(4)
        size = int.from_bytes(head, "big")
        if len(head) == 4 and size == 0:
            if source.read(32) != digest.digest() or source.read(1):
                raise _not_an_export(file, "its checksum does not hold")
            return
        body = source.read(size) if 0 < size <= _RECORD else b""
        if len(head) < 4 or not body or len(body) < size:
            raise _not_an_export(file, "it is cut short")
        digest.update(head + body)
        try:
            record = decoder.decode(body)
            reply = _checked(record, unpack)
        except (ValueError, zstandard.ZstdError) as error:
            raise _not_an_export(file, str(error)) from error
        if record.key <= seen:
            raise _not_an_export(file, "its keys are not in order")
        seen = record.key
        yield record, reply


def _checked(record: _Record, unpack: Decoder) -> Reply:
    if len(record.key) != KEY_BYTES:
        raise ValueError("a key has the wrong length")
    if not 0 <= zstandard.frame_content_size(record.value) <= _UNPACKED:
        raise ValueError("a reply unpacks to too much")
    reply = unpack(record.key, record.value, crc(record.key, record.value))
    if reply is None:
        raise ValueError("a reply cannot be read")
    if record.parts and read_parts(record.parts) is None:
        raise ValueError("the parts of a key cannot be read")
    numbers = (reply.usage.input, reply.usage.output, reply.usage.cached, reply.cost, record.created)
    if not all(0 <= number <= MOST for number in numbers):
        raise ValueError("a number is out of range")
    return msgspec.structs.replace(reply, origin=_harmless(reply.origin))


def _harmless(origin: str) -> str:
    """An origin without credentials and query."""
    parts = urlsplit(origin[:2000])
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _not_an_export(file: Path, why: str) -> StoreError:
    return StoreError(
        "TAP857", f"{file} is not a sound export of a store: {why}", "write it again with `tapc cache export`"
    )


def _too_large(file: Path, limit: int) -> StoreError:
    return StoreError("TAP858", f"{file} holds more than {limit} bytes", "raise the limit if you trust the file")
