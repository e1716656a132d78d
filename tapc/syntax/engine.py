"""The parser behind the face: lark, made once, asked for whole files and for single statements."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from tapc.source import bundled_dir
from tapc.syntax.build import Builder
from tapc.syntax.layout import Layout

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = "tap.lark"


@cache
def _lark() -> "Lark":
    from lark import Lark  # noqa: PLC0415 - a file that comes from the compiled cache needs no parser

    from tapc.syntax.tables import restore, store  # noqa: PLC0415 - the same

    grammar = (bundled_dir("grammar") / GRAMMAR).read_text(encoding="utf-8")
    made = restore(grammar, transformer=Builder(), postlex=Layout())
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
        store(grammar, made)
    return made


def run(text: str, start: int, end: int, rule: Literal["module", "header"]) -> Any:
    """Parse a part of a text; offsets in the result are those of the whole text.

    Raises:
        lark.UnexpectedInput: the text does not match the grammar.
        Refused: a token has a wrong content.
    """
    from lark import TextSlice  # noqa: PLC0415 - see above

    lark: Any = _lark()
    return lark.parse(TextSlice(text, start, end), start=rule)
