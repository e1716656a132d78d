"""The way from a text to its tree."""

import re
import unicodedata
from heapq import nsmallest

from tapc.diagnostics import Diagnostic, in_order
from tapc.source import SourceFile, Span
from tapc.syntax.compiled import Compiled, keep, recall
from tapc.syntax.edition import take_edition
from tapc.syntax.nodes import Comment, Module, Statement
from tapc.syntax.problem import Patch, Refused, SyntaxProblem
from tapc.syntax.scan import look
from tapc.syntax.words import describe

MAX_PROBLEMS = 100
"""Findings of one file; what comes after them is rarely worth reading."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]|\r(?!\n)")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_LINE = re.compile(r"[^\n]+")


def parse(file: SourceFile) -> tuple[Module, list[Diagnostic]]:
    """Read a file.

    Never raises for any text. The module holds every statement that could be read; with errors among the findings
    it is incomplete, and names that seem to be missing may stand in what could not be read.
    """
    known = recall(file.text)
    if known is None:
        known, problems = _read(file)
        if not problems:
            keep(file.text, known)
    else:
        problems = []
    module = Module(Span(0, len(file.text)), file, known.edition, known.statements, known.comments)
    return module, _limited(file, problems)


def _read(file: SourceFile) -> tuple[Compiled, list[SyntaxProblem]]:
    returns = _LONE_RETURN.findall(file.text)
    if len(returns) > file.text.count("\n"):  # nothing else can be said of what looks like one long line
        return Compiled(None, (), ()), [_old_line_ends(file.text)]
    problems = _characters(file.text)
    statements, comments = _whole(file)
    if statements is None:
        from tapc.syntax.recover import recover  # noqa: PLC0415 - needs the parser

        statements, comments, found = recover(file)
        problems += found
    edition, statements, found = take_edition(file, statements)
    return Compiled(edition, statements, tuple(comments)), problems + found


def _limited(file: SourceFile, problems: list[SyntaxProblem]) -> list[Diagnostic]:
    """The first findings; the rest is counted before it is made, since nonsense has as many as characters."""
    kept = {(problem.span, problem.code, problem.message): problem for problem in reversed(problems)}
    first = nsmallest(MAX_PROBLEMS + 1, kept)
    shown = [kept[key] for key in first[:MAX_PROBLEMS]]
    if len(first) > MAX_PROBLEMS:
        message = f"{len(kept) - MAX_PROBLEMS:,} more findings in this file are not shown"
        shown.append(SyntaxProblem("TAP023", message, first[MAX_PROBLEMS][0]))
    return in_order(problem.diagnostic(file) for problem in shown)


def _whole(file: SourceFile) -> tuple[tuple[Statement, ...] | None, list[Comment]]:
    """Parse the file in one go, as all correct files can be; None if it cannot."""
    comments, orderly = look(file.text)
    if not orderly:
        return None, comments
    from lark import UnexpectedInput  # noqa: PLC0415 - a module from the compiled cache needs no parser

    from tapc.syntax.engine import run  # noqa: PLC0415 - the same

    try:
        start = 1 if file.text.startswith("\ufeff") else 0
        return run(file.text, start, len(file.text), "module"), comments
    except (UnexpectedInput, Refused):
        return None, comments


def _characters(text: str) -> list[SyntaxProblem]:
    """Control characters, and text that is not in the normal form NFC."""
    problems: list[SyntaxProblem] = []
    for match in _CONTROL.finditer(text):
        span = Span(match.start(), match.end())
        if match.group() == "\r":
            message = "a carriage return without a line feed"
        elif "\ud800" <= match.group() <= "\udfff":
            message = f"U+{ord(match.group()):04X} is half a character"
        else:
            message = f"the control character {describe(match.group())}"
        problems.append(SyntaxProblem("TAP003", message, span, notes=('strings can hold it as an escape: "\\u{…}"',)))
        if len(problems) > MAX_PROBLEMS:
            break
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        problems.append(_not_normal(text))
    return problems


def _old_line_ends(text: str) -> SyntaxProblem:
    edits = tuple((Span(*match.span()), "\n") for match in _LONE_RETURN.finditer(text))
    return SyntaxProblem(
        "TAP003",
        "the lines of this file end in carriage returns alone, as on old Macintoshes",
        edits[0][0],
        notes=("lines end in a line feed, with or without a carriage return before it",),
        patches=(Patch("end lines in line feeds", edits),),
    )


def _not_normal(text: str) -> SyntaxProblem:
    edits: list[tuple[Span, str]] = []
    for match in _LINE.finditer(text):
        line = match.group()
        if not line.isascii() and not unicodedata.is_normalized("NFC", line):
            normal = unicodedata.normalize("NFC", line)
            start, end, new = 0, len(line), len(normal)
            while line[start] == normal[start]:
                start += 1
            while end > start and new > start and line[end - 1] == normal[new - 1]:
                end, new = end - 1, new - 1
            edits.append((Span(match.start() + start, match.start() + end), normal[start:new]))
    lines = "1 line" if len(edits) == 1 else f"{len(edits):,} lines"
    return SyntaxProblem(
        "TAP002",
        f"{lines} not in Unicode's normal form NFC: equal names could differ",
        edits[0][0],
        patches=(Patch("normalise the text", tuple(edits)),),
    )
