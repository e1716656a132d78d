"""Makes nodes during parsing, with one method per rule or terminal of `grammar/tap.lark`.

Lark calls them by name with the children of a rule, or with each token as it is read.
"""

# ruff: noqa: D102 - every method is described by the rule or terminal whose name it bears

from typing import TYPE_CHECKING, Any

from tapc.source import Span
from tapc.syntax.nodes import (
    Block,
    Call,
    Comparison,
    Condition,
    Doc,
    Entry,
    Exclude,
    Import,
    List,
    Name,
    Number,
    Param,
    Path,
    Quoted,
    Test,
    Text,
    When,
)
from tapc.syntax.problem import Refused
from tapc.syntax.strings import quoted, text_block
from tapc.syntax.words import MAX_WORD, check_name, too_long

if TYPE_CHECKING:
    from lark import Token

Children = list[Any]


class Header(When, frozen=True, gc=False):
    """`when CONDITION` without its block; used only between recovery and the parser."""


def _doc(children: Children) -> tuple[Doc | None, int]:
    """The doc comment made of the leading DOC tokens, and their number."""
    count = 0
    while isinstance(children[count], Doc):
        count += 1
    if not count:
        return None, 0
    if count == 1:
        return children[0], 1
    span = children[0].span.to(children[count - 1].span)
    return Doc(span, "\n".join(line.text for line in children[:count])), count


class Builder:
    """The callbacks; stateless."""

    def NAME(self, token: "Token") -> Name:  # noqa: N802 - the name of the terminal
        text: str = token.value
        start: int = token.start_pos  # type: ignore[assignment]
        if len(text) > MAX_WORD or not text.isascii():
            check_name(text, start)
        return Name(Span(start, start + len(text)), text)

    def NUMBER(self, token: "Token") -> Number:  # noqa: N802
        text: str = token.value.rstrip(" \t")
        start: int = token.start_pos  # type: ignore[assignment]
        span = Span(start, start + len(text))
        if len(text) > MAX_WORD:
            raise Refused(too_long(span, "number"))
        return Number(span, text)

    def STRING(self, token: "Token") -> Quoted:  # noqa: N802
        return quoted(token.value.rstrip(" \t"), token.start_pos)  # type: ignore[arg-type]

    def TEXT(self, token: "Token") -> Text:  # noqa: N802
        return text_block(token.value, token.start_pos)  # type: ignore[arg-type]

    def DOC(self, token: "Token") -> Doc:  # noqa: N802
        text: str = token.value
        start: int = token.start_pos  # type: ignore[assignment]
        return Doc(Span(start, start + len(text)), text[3:].removeprefix(" ").rstrip())

    def module(self, children: Children) -> tuple[Any, ...]:
        return tuple(children)

    def header(self, children: Children) -> Any:
        return children[0]

    def when_header(self, children: Children) -> Header:
        doc, at = _doc(children)
        condition: Condition = children[at + 1]
        span = Span(children[at].start_pos, condition.span.end)
        return Header(span, doc, condition, Block(Span(span.end, span.end), ()))

    def import_(self, children: Children) -> Import:
        doc, at = _doc(children)
        keyword, target, alias = children[at:]
        return Import(Span(keyword.start_pos, (alias or target).span.end), doc, target, alias)

    def param(self, children: Children) -> Param:
        doc, at = _doc(children)
        keyword, name, default = children[at:]
        return Param(Span(keyword.start_pos, default.span.end), doc, name, default)

    def when(self, children: Children) -> When:
        doc, at = _doc(children)
        keyword, condition, block = children[at:]
        return When(Span(keyword.start_pos, block.span.end), doc, condition, block)

    def exclude(self, children: Children) -> Exclude:
        doc, at = _doc(children)
        keyword, test, _, condition = children[at:]
        return Exclude(Span(keyword.start_pos, (condition or test).span.end), doc, test, condition)

    def entry(self, children: Children) -> Entry:
        doc, at = _doc(children)
        head = children[at]
        definition, graft, block = children[-3:]
        values = tuple(children[at + 1 : -3])
        last = block or graft or definition or (values[-1] if values else head)
        if isinstance(graft, Quoted):
            graft = Path(graft.span, (graft,))
        return Entry(Span(head.span.start, last.span.end), doc, head, values, definition, graft, block)

    def block(self, children: Children) -> Block:
        return Block(Span(children[0].start_pos, children[-1].end_pos), tuple(children[1:-1]))

    def condition(self, children: Children) -> Condition:
        return Condition(Span(children[0].span.start, children[-1].span.end), tuple(children))

    def equals(self, children: Children) -> Test:
        return self._test("=", children)

    def within(self, children: Children) -> Test:
        return self._test("in", children)

    def _test(self, operator: str, children: Children) -> Test:
        axis, value = children
        if isinstance(axis, Quoted):
            axis = Path(axis.span, (axis,))
        return Test(axis.span.to(value.span), axis, operator, value)

    def path(self, children: Children) -> Path:
        return Path(Span(children[0].span.start, children[-1].span.end), tuple(children))

    def string(self, children: Children) -> Quoted:
        return children[0]

    def text(self, children: Children) -> Text:
        return children[0]

    def number(self, children: Children) -> Number:
        return children[0]

    def list(self, children: Children) -> List:
        items = tuple(child for child in children[1:-1] if isinstance(child, _VALUES))
        return List(Span(children[0].start_pos, children[-1].end_pos), items)

    def call(self, children: Children) -> Call:
        name: Name = children[0]
        arguments = tuple(child for child in children[2:-1] if isinstance(child, _VALUES))
        return Call(Span(name.span.start, children[-1].end_pos), name, arguments)

    def comparison(self, children: Children) -> Comparison:
        operator, value = children
        return Comparison(Span(operator.start_pos, value.span.end), operator.value, value)


_VALUES = (Path, Quoted, Text, Number, List, Call, Comparison)
