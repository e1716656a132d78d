"""Parser tables between processes: making them from the grammar takes a tenth of a second.

They are plain data (msgpack), never pickle: a file somebody else put there can be refused, not executed.
"""

from typing import TYPE_CHECKING, Any, cast

import msgspec

from tapc.syntax.cache import code_version, private_cache

if TYPE_CHECKING:
    from lark import Lark


def _key(grammar: str) -> bytes:
    import lark  # noqa: PLC0415 - loaded only with the parser

    return f"tables {code_version()} lark {lark.__version__}\n{grammar}".encode()


def store(grammar: str, made: Any) -> None:
    """Keep the tables of a parser (a `Lark`, whose types say nothing here)."""
    from lark.grammar import Rule  # noqa: PLC0415 - loaded only with the parser
    from lark.lexer import TerminalDef  # noqa: PLC0415

    cache = private_cache()
    if cache is None:
        return
    data, memo = made.memo_serialize([TerminalDef, Rule])
    data["options"] = {k: v for k, v in data["options"].items() if k not in {"transformer", "postlex"}}
    cache.write(_key(grammar), msgspec.msgpack.encode(_storable({"data": data, "memo": memo})))


def _storable(value: Any) -> Any:
    """The same with integers that msgpack can hold; only widths of patterns, which order terminals, are larger."""
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_storable(item) for item in cast("list[Any]", value)]
    return min(value, 2**62) if isinstance(value, int) and not isinstance(value, bool) else value


def restore(grammar: str, **options: Any) -> "Lark | None":
    """The parser made from kept tables, or None if there are none that fit."""
    cache = private_cache()
    kept = cache.read(_key(grammar)) if cache else None
    if kept is None:
        return None
    from lark import Lark  # noqa: PLC0415 - loaded only with the parser

    try:
        tables = msgspec.msgpack.decode(kept, strict=False)
        return Lark._load_from_dict(tables["data"], tables["memo"], **options)  # pyright: ignore # noqa: SLF001, PGH003 - what lark's standalone parsers use
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError, AssertionError):
        return None
