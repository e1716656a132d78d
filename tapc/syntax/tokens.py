"""Rough tokens of a text that does not parse: enough to find the ends of statements in any text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import msgspec

from tapc.source import SourceFile, Span
from tapc.syntax.problem import Patch, SyntaxProblem
from tapc.syntax.scan import is_doc

_TOKEN = re.compile(
    r"(?P<newline>\n)|(?P<space>[ \t\r\ufeff]+)"
    r'|(?P<text>""")'
    r'|(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*")'
    r'|(?P<quote>"[^\r\n]*)'
    r"|(?P<comment>//[^\r\n]*)"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])|(?P<comma>,)"
    r'|(?P<word>[^\s"/{}\[\](),\ufeff]+|.)',
    re.DOTALL,
)
_CLOSING_QUOTES = re.compile(r'^[ \t]*(""")', re.MULTILINE)
_LEFT = re.compile(r"[ \t]*")


class Rough(msgspec.Struct, gc=False):
    """A rough token: `kind` is a group of the expression above, or `doc`; `bad` ones make their statement invalid."""

    kind: str
    start: int
    end: int
    bad: bool = False


def indent_of(file: SourceFile, offset: int) -> int:
    """Width of the white space at the start of the line of an offset; a tab counts one."""
    line = file.line_starts[bisect_right(file.line_starts, offset) - 1]
    found = _LEFT.match(file.text, line)
    return found.end() - line if found else 0


class _Texts:
    """Finds the ends of text blocks, including those that are never closed."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._text = file.text
        self._closers = [match.start(1) for match in _CLOSING_QUOTES.finditer(file.text)]

    def end(self, start: int) -> tuple[int, SyntaxProblem | None]:
        """The end of the block that opens at `start`, and its problem."""
        text = self._text
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        rest = text[start + 3 : line_end]
        if '"""' in rest:
            end = start + 3 + rest.index('"""') + 3
            return end, self._inline(start, end)
        at = bisect_left(self._closers, line_end)
        close = self._closers[at] if at < len(self._closers) else None
        if rest.strip(" \t\r"):
            return (line_end if close is None else close + 3), self._inline(start, start + 3)
        guess = self._left_again(start, line_end, len(text) if close is None else close)
        if close is None or (guess is not None and self._swallows(line_end, close)):
            return (len(text) if guess is None else guess - 1), SyntaxProblem(
                "TAP012",
                'this text block is not closed: its `"""` must be first on a line of its own',
                Span(start, start + 3),
                "opened here",
            )
        return close + 3, None

    def _inline(self, start: int, end: int) -> SyntaxProblem:
        return SyntaxProblem(
            "TAP014",
            'the text of a block starts on the line after its `"""`',
            Span(start, end),
            notes=('write a text of one line as a string: "…"',),
        )

    def _left_again(self, start: int, line_end: int, limit: int) -> int | None:
        """Start of the first line that is not indented deeper than the line of the opening quotes."""
        own = indent_of(self._file, start)
        starts = self._file.line_starts
        for i in range(bisect_right(starts, line_end), len(starts)):
            line = starts[i]
            if line >= limit:
                return None
            found = _LEFT.match(self._text, line)
            width = found.end() - line if found else 0
            if width <= own and self._text[line + width : line + width + 1] not in {"", "\n", "\r"}:
                return line
        return None

    def _swallows(self, line_end: int, close: int) -> bool:
        """Whether a line before the closing quotes looks like the opening quotes of another block."""
        return re.search(r'[\w][ \t]+"""[ \t]*\r?$', self._text[line_end:close], re.MULTILINE) is not None


def rough_tokens(file: SourceFile) -> tuple[list[Rough], list[SyntaxProblem]]:
    """Split a text into rough tokens without white space; reports quotes that are not closed."""
    tokens: list[Rough] = []
    problems: list[SyntaxProblem] = []
    for token, problem in _pass(file):
        tokens.append(token)
        if problem:
            problems.append(problem)
    return tokens, problems


def _pass(file: SourceFile) -> Iterator[tuple[Rough, SyntaxProblem | None]]:
    text, at, texts = file.text, 0, None
    while match := _TOKEN.match(text, at):
        start, at = match.span()
        kind = match.lastgroup or "word"
        problem: SyntaxProblem | None = None
        if kind == "space":
            continue
        if kind == "text":
            texts = texts or _Texts(file)
            at, problem = texts.end(start)
        elif kind == "quote":
            stop = len(text[start:at].rstrip()) + start
            patch = Patch("close the string", ((Span(stop, stop), '"'),), safe=False)
            problem = SyntaxProblem(
                "TAP011", "this string is not closed on its line", Span(start, stop), patches=(patch,)
            )
        elif kind == "comment" and is_doc(match.group()):
            kind = "doc"
        yield Rough(kind, start, at, problem is not None), problem
