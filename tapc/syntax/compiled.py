"""Trees between processes: a file that was read before and has not changed is not parsed again."""

import msgspec

from tapc.syntax.cache import code_version, private_cache
from tapc.syntax.nodes import Comment, Number, Statement


class Compiled(msgspec.Struct, frozen=True, array_like=True):
    """What `parse` found in a file without findings."""

    edition: Number | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]


def _key(text: str) -> bytes:
    return f"module {code_version()}\n{text}".encode("utf-8", errors="surrogatepass")


def recall(text: str) -> Compiled | None:
    """The tree of a text, if it was kept."""
    cache = private_cache()
    kept = cache.read(_key(text)) if cache else None
    if kept is None:
        return None
    try:
        return msgspec.msgpack.decode(kept, type=Compiled)
    except msgspec.MsgspecError:
        return None


def keep(text: str, compiled: Compiled) -> None:
    """Keep the tree of a text that has no findings."""
    cache = private_cache()
    if cache is not None:
        cache.write(_key(text), msgspec.msgpack.encode(compiled))
