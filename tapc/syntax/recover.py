"""Parses one statement at a time, so that each mistake is reported once and at its place."""

from typing import Any

from msgspec.structs import replace

from tapc.source import SourceFile, Span
from tapc.syntax.blame import blame
from tapc.syntax.build import Header
from tapc.syntax.engine import run
from tapc.syntax.nodes import Block, Comment, Entry, Statement, When
from tapc.syntax.pieces import Piece, Splitter
from tapc.syntax.problem import Refused, SyntaxProblem
from tapc.syntax.scan import MAX_DEPTH, comment_at
from tapc.syntax.tokens import rough_tokens


class _Recovery:
    def __init__(self, file: SourceFile) -> None:
        from lark import UnexpectedInput  # noqa: PLC0415 - loaded only with the parser

        self._file = file
        self._unexpected = UnexpectedInput
        self.problems: list[SyntaxProblem] = []

    def statements(self, pieces: list[Piece], depth: int) -> tuple[Statement, ...]:
        made = (self._statement(piece, depth) for piece in pieces)
        return tuple(statement for statement in made if statement is not None)

    def _statement(self, piece: Piece, depth: int) -> Statement | None:
        if depth > MAX_DEPTH:
            return None
        if not piece.broken:
            before = len(self.problems)
            whole = self._parse(piece, piece.end)
            if whole is not None and not isinstance(whole, Header):
                return whole
            if piece.open is None:
                if isinstance(whole, Header):
                    self.problems.append(_needs_block(whole))
                return None
            del self.problems[before:]
        return self._in_parts(piece, depth)

    def _in_parts(self, piece: Piece, depth: int) -> Statement | None:
        """Parse the head without its block, and the statements of the block separately."""
        if piece.open is None:
            return None if piece.bad else self._alone(piece)
        header = None if piece.bad else self._parse(piece, piece.open)
        block = Block(Span(piece.open, piece.end), self.statements(piece.children, depth + 1))
        if header is None:
            return None
        span = Span(header.span.start, piece.end)
        if isinstance(header, Header):
            return When(span, header.doc, header.condition, block)
        if isinstance(header, Entry):
            return replace(header, span=span, block=block)
        message = "a block is not allowed here: only entries and `when` have one"
        self.problems.append(SyntaxProblem("TAP010", message, Span(piece.open, piece.open + 1)))
        return header

    def _alone(self, piece: Piece) -> Statement | None:
        statement = self._parse(piece, piece.end)
        if isinstance(statement, Header):
            self.problems.append(_needs_block(statement))
            return None
        return statement

    def _parse(self, piece: Piece, end: int) -> Any:
        try:
            return run(self._file.text, piece.start, end, "header")
        except Refused as refused:
            self.problems.append(refused.problem)
        except self._unexpected as error:
            self.problems.append(blame(error, self._file.text, piece.word or piece.start, end))
        return None


def _needs_block(header: Header) -> SyntaxProblem:
    end = header.span.end
    return SyntaxProblem("TAP022", "`when` needs a block with the mixes that apply there", Span(header.span.start, end))


def recover(file: SourceFile) -> tuple[tuple[Statement, ...], list[Comment], list[SyntaxProblem]]:
    """The statements that can be read, the comments, and the problems of the others."""
    tokens, problems = rough_tokens(file)
    comments = [comment_at(file.text, token.start, token.end) for token in tokens if token.kind == "comment"]
    splitter = Splitter(file, tokens)
    pieces = splitter.split()
    recovery = _Recovery(file)
    statements = recovery.statements(pieces, 1)
    return statements, comments, [*problems, *splitter.problems, *recovery.problems]
