"""Groups tokens into statements and items with the comments that belong to them."""

import msgspec

from tapc.syntax import Lexeme


class Group(msgspec.Struct):
    """A block, a list, arguments, or (without brackets) the file.

    Attributes:
        broken: whether it spans several lines in the source, and so in the result.
    """

    opener: str
    closer: str
    items: "list[LayoutItem]"
    broken: bool = False


class LayoutItem(msgspec.Struct):
    """A statement or an item of a list; without parts, comments on lines of their own.

    Attributes:
        tails: comments after it; the first is on its last line.
        blank: whether an empty line precedes it.
        after_opening: whether it is a comment on the line of the opening bracket of its group.
    """

    parts: "list[Lexeme | Group]"
    tails: list[str]
    blank: bool = False
    after_opening: bool = False


class _Grouper:
    def __init__(self) -> None:
        self.stack = [Group("", "", [], broken=True)]
        self._current: list[LayoutItem | None] = [None]
        self._newlines = 0

    def take(self, token: Lexeme) -> None:
        if token.kind == "newline":
            self._newline()
        elif token.kind == "comment":
            self._comment(token.text)
            self._newlines = 0
        elif token.text == "," and token.kind == "mark":
            self._current[-1] = None
            self._newlines = 0
        elif token.kind == "doc":
            self._new(tails=[token.text])
            self._current[-1] = None
        elif token.kind == "open":
            group = Group(token.text, "", [])
            self._item().parts.append(group)
            self.stack.append(group)
            self._current.append(None)
            self._newlines = 0
        elif token.kind == "close":
            self.stack.pop().closer = token.text
            self._current.pop()
            self._newlines = 0
        else:
            self._item().parts.append(token)
            if token.kind == "text":
                self._break_all()

    def _break_all(self) -> None:
        for group in self.stack:
            group.broken = True

    def _newline(self) -> None:
        self._newlines += 1
        self._break_all()
        if self.stack[-1].opener in {"", "{"}:
            self._current[-1] = None

    def _item(self) -> LayoutItem:
        current = self._current[-1]
        if current is None:
            current = self._current[-1] = self._new()
        self._newlines = 0
        return current

    def _new(self, tails: list[str] | None = None) -> LayoutItem:
        items = self.stack[-1].items
        item = LayoutItem([], tails or [], blank=self._newlines > 1 and bool(items))
        items.append(item)
        self._newlines = 0
        return item

    def _comment(self, text: str) -> None:
        items = self.stack[-1].items
        current = self._current[-1]
        if current is not None:
            current.tails.append(text)
        elif not self._newlines and items and items[-1].parts:
            items[-1].tails.append(text)
        elif not self._newlines and not items and self.stack[-1].opener:
            self._new([text]).after_opening = True
        else:
            self._new([text])


def group_tokens(tokens: list[Lexeme]) -> Group:
    """The file as a group without brackets."""
    grouper = _Grouper()
    for token in tokens:
        grouper.take(token)
    return grouper.stack[0]
