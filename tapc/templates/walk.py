"""Walks the tree of a template in parallel with its tokens: the tree gives the meaning, the tokens the places.

Jinja's nodes know only their line. They are visited in the order of the text, so that the token of each name is the
next one with its text.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tapc.diagnostics import did_you_mean
from tapc.templates.expressions import Expressions
from tapc.templates.finding import Finding
from tapc.templates.scope import Attribute, Kind, TemplateScope, number_kind, text_kind
from tapc.templates.tokens import Token, Tokens

_ENDS = {
    "variable_begin": ("variable_end", "}}"),
    "block_begin": ("block_end", "%}"),
    "comment_begin": ("comment_end", "#}"),
}
_CLOSES = {"endif": "if", "endfor": "for"}


def unbalanced(tokens: Tokens) -> Iterator[Finding]:
    """The first opening without a closing, and the first closing without an opening."""
    opened: list[tuple[str, int]] = []
    for index, token in enumerate(tokens.items):
        if token.kind not in _ENDS:
            continue
        end, closer = _ENDS[token.kind]
        inside = _tag(tokens, index)
        if not any(t.kind == end for t in inside):
            start, stop = tokens.tag_range(index)
            message = f"`{token.value.strip()}` is never closed"
            yield Finding("TAP301", message, start, stop, (f"write `{closer}` where it ends",))
            return
        if token.kind == "block_begin":
            wrong = _nest(inside, index, opened, tokens)
            if wrong is not None:
                yield wrong
                return
    for word, index in opened:
        note = f"write `{{% end{word} %}}` where it ends"
        yield Finding("TAP301", f"this `{word}` is never closed", *tokens.tag_range(index), (note,))


def _tag(tokens: Tokens, index: int) -> list[Token]:
    """The tokens of the expression or tag that opens at an index."""
    end = index
    while end < len(tokens.items) and tokens.items[end].tag == index:
        end += 1
    return tokens.items[index:end]


def _nest(inside: list[Token], index: int, opened: list[tuple[str, int]], tokens: Tokens) -> Finding | None:
    word = next((t.value for t in inside if t.kind == "name"), "")
    innermost = opened[-1][0] if opened else ""
    if word in ("if", "for"):
        opened.append((word, index))
    elif word in _CLOSES:
        if innermost != _CLOSES[word]:
            return _stray(word, innermost, tokens.tag_range(index))
        opened.pop()
    elif (word == "elif" and innermost != "if") or (word == "else" and not innermost):
        return _stray(word, innermost, tokens.tag_range(index))
    return None


def _stray(word: str, innermost: str, place: tuple[int, int]) -> Finding:
    note = (
        f"`{{% end{innermost} %}}` comes first" if innermost else f"there is no open `{_CLOSES.get(word, 'if')}` here"
    )
    return Finding(
        "TAP301", f"`{word}` closes nothing" if word in _CLOSES else f"`{word}` belongs to no `if`", *place, (note,)
    )


_TAGS = ("if", "elif", "else", "endif", "for", "endfor")
_OFFERED = "the tags are `if` (with `elif`, `else`) and `for`"
_LOOP = Kind(
    "the loop",
    {name: Attribute(number_kind()) for name in ("index", "index0", "revindex", "revindex0", "length")}
    | {name: Attribute(text_kind()) for name in ("first", "last")},
)


class Walk:
    """One pass over one template.

    Attributes:
        reads: names of the scope that the template reads.
        failed: whether anything was reported.
    """

    def __init__(self, tokens: Tokens, scope: TemplateScope, found: Callable[[Finding], None]) -> None:
        self.failed = False
        self._found = found
        self._tokens = tokens
        self._expressions = Expressions(tokens, scope, self._report)

    @property
    def reads(self) -> set[str]:
        """Names of the scope that the template reads."""
        return self._expressions.reads

    def run(self) -> None:
        """Report all findings."""
        from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - heavy, and specs without templates exist

        from tapc.templates.environment import environment  # noqa: PLC0415

        if self._refuse_tags():
            return
        for finding in unbalanced(self._tokens):
            self._report(finding)
        if self.failed:
            return
        try:
            tree = environment().parse(self._tokens.text)
        except TemplateSyntaxError as error:
            start, end = self._tokens.tag_at_line(error.lineno)
            text = (error.message or "syntax error").rstrip(".")
            self._report(Finding("TAP301", f"this template does not parse: {text}", start, end))
            return
        self._statements(tree.body)

    def _report(self, finding: Finding) -> None:
        self.failed = True
        self._found(finding)

    def _refuse_tags(self) -> bool:
        """Report unknown tags, which would only confuse the rest of the check."""
        items = self._tokens.items
        for index, token in enumerate(items):
            if token.kind == "raw_begin":
                self._refuse_tag("raw", *self._tokens.tag_range(index))
            elif token.kind == "block_begin":
                word = next((t for t in items[index + 1 :] if t.kind != "whitespace"), None)
                if word is not None and word.tag == index and word.kind == "name" and word.value not in _TAGS:
                    self._refuse_tag(word.value, word.start, word.end)
        return self.failed

    def _refuse_tag(self, word: str, start: int, end: int) -> None:
        better = did_you_mean(word, _TAGS)
        notes = (f"did you mean `{better}`?",) if better else (_OFFERED,)
        self._report(Finding("TAP305", f"`{word}` is not a tag of templates", start, end, notes, better=better))

    def _statements(self, nodes: list[Any]) -> None:
        for node in nodes:
            kind = type(node).__name__
            if kind == "Output":
                for part in node.nodes:
                    if type(part).__name__ != "TemplateData":
                        self._expressions.read(part)
            elif kind == "If":
                self._if(node)
            elif kind == "For":
                self._for(node)

    def _if(self, node: Any) -> None:
        self._expressions.read(node.test)
        self._statements(node.body)
        for other in node.elif_:
            self._if(other)
        self._statements(node.else_)

    def _for(self, node: Any) -> None:
        read = self._expressions
        token = read.next_name("for")
        if type(node.target).__name__ != "Name":
            message = "a loop has one name: `{% for e in topic.example %}`"
            self._report(Finding("TAP306", message, *self._tag(token)))
            return
        read.next_name(node.target.name)
        listed = read.read(node.iter)
        element = None
        if listed is not None and listed.element is None:
            end = read.last
            message = f"{listed.what} is not a list; a loop needs one"
            notes = ("lists are the `.example` of an axis and fields of type `list`",)
            self._report(Finding("TAP309", message, end.start, end.end, notes))
        elif listed is not None:
            element = listed.element
        if node.recursive:
            self._report(Finding("TAP306", "loops cannot be recursive", *self._tag(token)))
        with read.local({node.target.name: element, "loop": _LOOP}):
            if node.test is not None:
                read.read(node.test)
            self._statements(node.body)
        self._statements(node.else_)

    def _tag(self, token: Token) -> tuple[int, int]:
        return self._tokens.tag_range(token.tag) if token.tag >= 0 else (token.start, token.end)
