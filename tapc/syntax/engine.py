"""The lark parser, made once, for whole files and for single statements.

Its tables are cached on disk, since making them from the grammar takes a tenth of a second. The cache is plain data
(msgpack), never pickle: an untrusted file there can be rejected, and never runs code.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from tapc.source import bundled_dir
from tapc.syntax.build import Builder
from tapc.syntax.cache import code_version, private_cache

if TYPE_CHECKING:
    from lark import Lark, Token


def _key(grammar: str) -> bytes:
    import lark  # noqa: PLC0415 - loaded only with the parser

    return f"tables {code_version()} lark {lark.__version__}\n{grammar}".encode()


def _store_tables(grammar: str, made: Any) -> None:
    """Store the tables of a parser (a `Lark`, which has no useful types here)."""
    from lark.grammar import Rule  # noqa: PLC0415 - loaded only with the parser
    from lark.lexer import TerminalDef  # noqa: PLC0415

    cache = private_cache()
    if cache is None:
        return
    data, memo = made.memo_serialize([TerminalDef, Rule])
    data["options"] = {k: v for k, v in data["options"].items() if k not in {"transformer", "postlex"}}
    cache.write(_key(grammar), msgspec.msgpack.encode(_storable({"data": data, "memo": memo})))


def _storable(value: Any) -> Any:
    """The same with integers in the range of msgpack; only pattern widths, which order terminals, are larger."""
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_storable(item) for item in cast("list[Any]", value)]
    return min(value, 2**62) if isinstance(value, int) and not isinstance(value, bool) else value


def _cached_parser(grammar: str, **options: Any) -> "Lark | None":
    """The parser made from stored tables, or None if there are no valid ones."""
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


_OPEN = {"LBRACE", "LSQUARE", "LPAR"}
_CLOSE = {"RBRACE", "RSQUARE", "RPAR"}
_QUIET_AFTER = {"LBRACE", "DOC", "_SEP", ""}


class Layout:
    """Drops newlines inside `[ ]` and `( )`, and turns other runs of newlines and commas into one `_SEP`.

    It yields a separator before it reads the next token: the contextual lexer must see the start of a statement.
    """

    always_accept = ("NEWLINE", "COMMA")

    def process(self, stream: "Iterator[Token]") -> "Iterator[Token]":
        """Yield the tokens without redundant separators."""
        depth: list[str] = []
        before = ""
        for token in stream:
            kind = token.type
            if kind in {"NEWLINE", "COMMA"}:
                if depth and depth[-1] != "LBRACE":
                    if kind == "NEWLINE":
                        continue
                elif before in _QUIET_AFTER:
                    continue
                else:
                    token.type = kind = "_SEP"
            elif kind in _OPEN:
                depth.append(kind)
            elif kind in _CLOSE and depth:
                depth.pop()
            before = kind
            yield token


GRAMMAR = "tap.lark"


@cache
def _lark() -> "Lark":
    from lark import Lark  # noqa: PLC0415 - a file that comes from the compiled cache needs no parser

    grammar = (bundled_dir("grammar") / GRAMMAR).read_text(encoding="utf-8")
    made = _cached_parser(grammar, transformer=Builder(), postlex=Layout())
    if made is None:
        made = Lark(
            grammar,
            parser="lalr",
            lexer="contextual",
            start=["module", "header"],
            maybe_placeholders=True,
            propagate_positions=False,
            transformer=Builder(),
            postlex=Layout(),
        )
        _store_tables(grammar, made)
    return made


def run(text: str, start: int, end: int, rule: Literal["module", "header"]) -> Any:
    """Parse a part of a text; offsets in the result are those of the whole text.

    Raises:
        lark.UnexpectedInput: the text does not match the grammar.
        Refused: a token has invalid content.
    """
    from lark import TextSlice  # noqa: PLC0415 - see above

    lark: Any = _lark()
    return lark.parse(TextSlice(text, start, end), start=rule)
