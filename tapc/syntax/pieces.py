"""Splits a text that does not parse into statements.

By brackets and line ends, and by indentation if braces are missing.
"""

import msgspec

from tapc.source import SourceFile, Span
from tapc.syntax.problem import Patch, SyntaxProblem
from tapc.syntax.scan import MAX_DEPTH
from tapc.syntax.tokens import Rough, indent_of

_PAIRS = {"{": "}", "[": "]", "(": ")"}


class Piece(msgspec.Struct):
    """A statement to parse: its place and the statements of its block.

    Attributes:
        start: start of its first token, doc comments included.
        word: start of its first token after the doc comments, or None while there is none.
        end: end of its last token.
        open: offset of the brace of its block, if it has one.
        children: statements of the block.
        bad: whether a problem in its own tokens was reported already.
        broken: whether a problem in it was reported already, or its end was guessed.
    """

    start: int
    end: int
    word: int | None = None
    open: int | None = None
    closed: bool = True
    children: "list[Piece]" = msgspec.field(default_factory=list["Piece"])
    bad: bool = False
    broken: bool = False


class _Frame(msgspec.Struct):
    """An open block: the piece that owns it (None for the file), its brace, the indentation of that line."""

    piece: Piece | None
    indent: int
    into: list[Piece]
    current: Piece | None = None


def _match_brackets(file: SourceFile, tokens: list[Rough]) -> list[SyntaxProblem]:  # noqa: C901 - one automaton
    """Turn unmatched `[ ]` and `( )` into ordinary (bad) words, so that only matched ones join lines."""
    problems: list[SyntaxProblem] = []
    stack: list[Rough] = []
    braces = 0

    def give_up() -> None:
        for i, token in enumerate(stack):
            token.kind, token.bad = "word", True
            if i == 0:
                shown = file.text[token.start]
                message = f"this `{shown}` is not closed"
                problems.append(SyntaxProblem("TAP009", message, Span(token.start, token.end)))
        stack.clear()

    for token in tokens:
        char = file.text[token.start]
        if token.kind == "open" and char != "{":
            stack.append(token)
            if len(stack) + braces > MAX_DEPTH:
                token.bad = True
                if len(stack) == 1 or len(stack) + braces == MAX_DEPTH + 1:
                    problems.append(_too_deep(token.start))
        elif token.kind in {"open", "close"} and char in "{}":
            give_up()
            braces = max(0, braces + (1 if char == "{" else -1))
        elif token.kind == "close":
            if stack and _PAIRS[file.text[stack[-1].start]] == char:
                stack.pop()
            else:
                token.kind, token.bad = "word", True
                problems.append(SyntaxProblem("TAP008", f"this `{char}` closes nothing", Span(token.start, token.end)))
    give_up()
    return problems


def _too_deep(at: int) -> SyntaxProblem:
    return SyntaxProblem(
        "TAP018",
        f"nested more than {MAX_DEPTH} deep",
        Span(at, at + 1),
        notes=("grafts (`node = module.taxonomy`) keep deep taxonomies flat in the text",),
    )


def _balance(file: SourceFile, tokens: list[Rough]) -> tuple[bool, bool]:
    """Whether every brace has its partner, and whether there are more closing than opening ones."""
    depth, matched = 0, True
    for token in tokens:
        if token.kind == "open" and file.text[token.start] == "{":
            depth += 1
        elif token.kind == "close" and file.text[token.start] == "}":
            depth -= 1
            matched = matched and depth >= 0
    return matched and depth == 0, depth < 0


class Splitter:
    """Builds the tree of pieces."""

    def __init__(self, file: SourceFile, tokens: list[Rough]) -> None:
        self._file = file
        self._tokens = tokens
        self.problems = _match_brackets(file, tokens)
        balanced, self._surplus = _balance(file, tokens)
        self._by_indent = not balanced
        self._spoilt = {file.position(t.start).line for t in tokens if t.bad}
        self._frames = [_Frame(None, -1, [])]
        self._depth = 0
        self._newline = True

    def split(self) -> list[Piece]:
        """The top-level statements of the file."""
        for token in self._tokens:
            self._take(token)
            self._newline = token.kind == "newline" or (self._newline and token.kind == "comment")
        while len(self._frames) > 1:
            self._unclosed(None)
        self._finish()
        return self._frames[0].into

    def _take(self, token: Rough) -> None:
        char = self._file.text[token.start]
        if token.kind in {"newline", "comma"}:
            if not self._depth:
                self._separate()
        elif token.kind == "doc":
            self._doc(token)
        elif token.kind == "open" and char == "{":
            self._by_line(token)
            self._open(token)
        elif token.kind == "close" and char == "}":
            self._close(token)
        elif token.kind != "comment":
            self._by_line(token)
            self._word(token)
            if token.kind in {"open", "close"}:
                self._depth += 1 if token.kind == "open" else -1

    def _by_line(self, token: Rough) -> None:
        """End blocks, if braces do not match, at a line not indented deeper than the line of their brace."""
        if not (self._by_indent and self._newline) or self._depth:
            return
        indent = indent_of(self._file, token.start)
        while len(self._frames) > 1 and indent <= self._frames[-1].indent:
            self._unclosed(token)

    def _separate(self) -> None:
        current = self._frames[-1].current
        if current and current.word is not None:
            self._finish()

    def _finish(self) -> None:
        frame = self._frames[-1]
        current, frame.current = frame.current, None
        if current is None:
            return
        if current.word is None:
            self._no_statement(current)
            return
        frame.into.append(current)
        if current.broken and frame.piece:
            frame.piece.broken = True

    def _no_statement(self, docs: Piece) -> None:
        slashes = self._file.text[docs.start : docs.end].split("\n")[0]
        span = Span(docs.start, docs.start + len(slashes.rstrip()))
        patch = Patch("make it an ordinary comment", ((Span(docs.start + 2, docs.start + 3), ""),))
        self.problems.append(SyntaxProblem("TAP021", "no statement follows this doc comment", span, patches=(patch,)))
        frame = self._frames[-1]
        if frame.piece:
            frame.piece.broken = True

    def _doc(self, token: Rough) -> None:
        frame = self._frames[-1]
        if frame.current is None:
            frame.current = Piece(token.start, token.end)
        elif frame.current.word is None:
            frame.current.end = token.end
        else:
            frame.current.broken = True
            frame.current.bad = frame.current.bad or bool(self._depth)
            span = Span(token.start, token.start + len(self._file.text[token.start : token.end].rstrip()))
            patch = Patch("make it an ordinary comment", ((Span(token.start + 2, token.start + 3), ""),))
            self.problems.append(
                SyntaxProblem(
                    "TAP021",
                    "write a doc comment on its own lines before the statement it describes",
                    span,
                    patches=(patch,),
                )
            )

    def _word(self, token: Rough) -> None:
        frame = self._frames[-1]
        current = frame.current
        if current and current.open is not None:
            current.broken = True
            message = "a statement ends at a newline or a comma; this one goes on after its block"
            patch = Patch("put a comma between", ((Span(current.end, current.end), ","),), safe=False)
            self.problems.append(SyntaxProblem("TAP019", message, Span(token.start, token.end), patches=(patch,)))
            self._finish()
            current = None
            if frame.piece:
                frame.piece.broken = True
        if current is None:
            current = frame.current = Piece(token.start, token.end)
        if current.word is None:
            current.word = token.start
        current.end = token.end
        if token.bad:
            current.bad = current.broken = True

    def _open(self, token: Rough) -> None:
        current = self._frames[-1].current
        if current is None or current.word is None or current.open is not None:
            message = "a block belongs to a statement: write a word before this `{`"
            self.problems.append(SyntaxProblem("TAP010", message, Span(token.start, token.end)))
            if current and current.open is not None:
                self._finish()
            start = current.start if current and current.word is None else token.start
            current = self._frames[-1].current = Piece(start, token.end, token.start, bad=True, broken=True)
        current.open, current.end = token.start, token.end
        if len(self._frames) == MAX_DEPTH + 1:
            self.problems.append(_too_deep(token.start))
        if len(self._frames) > MAX_DEPTH:
            current.bad = current.broken = True
        self._frames.append(_Frame(current, indent_of(self._file, token.start), current.children))

    def _close(self, token: Rough) -> None:
        indent = indent_of(self._file, token.start)
        if self._by_indent and self._newline:
            while len(self._frames) > 1 and indent < self._frames[-1].indent:
                self._unclosed(token)
        frame = self._frames[-1]
        if frame.piece is None or self._left_over(token, frame, indent):
            if frame.piece:
                frame.piece.broken = True
            message = "this `}` closes nothing"
            patch = Patch("remove it", ((Span(token.start, token.end), ""),), safe=False)
            self.problems.append(SyntaxProblem("TAP008", message, Span(token.start, token.end), patches=(patch,)))
            return
        self._leave(token.end)

    def _left_over(self, token: Rough, frame: _Frame, indent: int) -> bool:
        """Whether a closing brace is less indented than one that would belong to the block, if braces do not match."""
        if not self._by_indent or frame.piece is None or frame.piece.open is None:
            return False
        if self._newline:
            return indent > frame.indent
        return self._surplus and "\n" in self._file.text[frame.piece.open : token.start]

    def _leave(self, end: int) -> None:
        self._finish()
        frame = self._frames.pop()
        piece = frame.piece
        if piece:
            piece.end = end

    def _unclosed(self, token: Rough | None) -> None:
        """End the innermost block without its brace, because of a less indented token or the end of the file."""
        self._finish()
        frame = self._frames[-1]
        piece = frame.piece
        if piece is None or piece.open is None:
            return
        piece.broken, piece.closed = True, False
        end = max([piece.end, *(child.end for child in piece.children[-1:])])
        self._leave(end)
        if self._file.position(piece.open).line in self._spoilt:
            return
        related = ((Span(token.start, token.end), "this line is outside it"),) if token else ()
        patch = Patch("close the block", ((Span(end, end), "\n" + " " * frame.indent + "}"),), safe=False)
        self.problems.append(
            SyntaxProblem(
                "TAP007",
                "this block is not closed",
                Span(piece.open, piece.open + 1),
                "opened here",
                related,
                patches=(patch,),
            )
        )
        if token:
            self._finish()
