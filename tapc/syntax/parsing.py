"""Reads a text into its syntax tree."""

import re
import unicodedata
from heapq import nsmallest

import msgspec

from tapc.diagnostics import Diagnostic, in_order
from tapc.source import SourceFile, Span
from tapc.syntax.cache import code_version, private_cache
from tapc.syntax.nodes import Comment, Entry, Module, Number, Statement
from tapc.syntax.problem import Patch, Refused, SyntaxProblem
from tapc.syntax.scan import look
from tapc.syntax.words import describe

EDITION = "1"


def _take_edition(
    file: SourceFile, statements: tuple[Statement, ...]
) -> tuple[Number | None, tuple[Statement, ...], list[SyntaxProblem]]:
    """Separate the edition from the statements; later editions are reported and dropped too."""
    problems: list[SyntaxProblem] = []
    editions = [statement for statement in statements if isinstance(statement, Entry) and statement.keyword == "tap"]
    places = {edition.span.start for edition in editions}
    rest = (
        tuple(statement for statement in statements if statement.span.start not in places) if editions else statements
    )
    first = statements[0] if statements else None
    if not editions:
        return None, rest, [_missing(file)]
    edition = editions[0]
    number = edition.values[0] if len(edition.values) == 1 and isinstance(edition.values[0], Number) else None
    if number is None or edition.definition or edition.graft or edition.block:
        problems.append(SyntaxProblem("TAP005", "an edition is `tap` and a number: `tap 1`", edition.span))
    elif number.text != EDITION:
        message = f"this tapc reads edition {EDITION}, not {number.text}"
        problems.append(SyntaxProblem("TAP005", message, number.span, notes=("a newer tapc may read it",)))
    if first is not edition:
        problems.append(SyntaxProblem("TAP006", "the edition is the first statement of a file", edition.span))
    problems += [
        SyntaxProblem("TAP006", "the edition is stated once", other.span, related=((edition.span, "first here"),))
        for other in editions[1:]
    ]
    return number, rest, problems


def _missing(file: SourceFile) -> SyntaxProblem:
    start = 1 if file.text.startswith("\ufeff") else 0
    newline = "\r\n" if "\r\n" in file.text else "\n"
    patch = Patch(f"begin with `tap {EDITION}`", ((Span(start, start), f"tap {EDITION}{newline}"),))
    line = file.text.find("\n")
    end = min(len(file.text) if line < 0 else line, 40)
    message = f"the file does not begin with its edition, `tap {EDITION}`"
    return SyntaxProblem("TAP004", message, Span(start, max(start, end)), patches=(patch,))


class _Compiled(msgspec.Struct, frozen=True, array_like=True):
    """The result of `parse` for a file without findings."""

    edition: Number | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]


def _key(text: str) -> bytes:
    return f"module {code_version()}\n{text}".encode("utf-8", errors="surrogatepass")


def _recall(text: str) -> _Compiled | None:
    """The cached tree of a text."""
    cache = private_cache()
    kept = cache.read(_key(text)) if cache else None
    if kept is None:
        return None
    try:
        return msgspec.msgpack.decode(kept, type=_Compiled)
    except msgspec.MsgspecError:
        return None


def _keep(text: str, compiled: _Compiled) -> None:
    """Cache the tree of a text that has no findings."""
    cache = private_cache()
    if cache is not None:
        cache.write(_key(text), msgspec.msgpack.encode(compiled))


MAX_PROBLEMS = 100
"""Most findings of one file."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]|\r(?!\n)")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_LINE = re.compile(r"[^\n]+")


def parse(file: SourceFile) -> tuple[Module, list[Diagnostic]]:
    """Read a file.

    Never raises for any text. The module contains every statement that could be read; if there are errors among the
    findings, it is incomplete, and names that seem to be missing may be in the part that could not be read.
    """
    known = _recall(file.text)
    if known is None:
        known, problems = _read(file)
        if not problems:
            _keep(file.text, known)
    else:
        problems = []
    module = Module(Span(0, len(file.text)), file, known.edition, known.statements, known.comments)
    return module, _limited(file, problems)


def _read(file: SourceFile) -> tuple[_Compiled, list[SyntaxProblem]]:
    returns = _LONE_RETURN.findall(file.text)
    if len(returns) > file.text.count("\n"):  # the file looks like one long line, so other findings would be noise
        return _Compiled(None, (), ()), [_old_line_ends(file.text)]
    problems = _characters(file.text)
    statements, comments = _whole(file)
    if statements is None:
        from tapc.syntax.recover import recover  # noqa: PLC0415 - needs the parser

        statements, comments, found = recover(file)
        problems += found
    edition, statements, found = _take_edition(file, statements)
    return _Compiled(edition, statements, tuple(comments)), problems + found


def _limited(file: SourceFile, problems: list[SyntaxProblem]) -> list[Diagnostic]:
    """The first findings; the others are counted lazily, since nonsense has as many as characters."""
    kept = {(problem.span, problem.code, problem.message): problem for problem in reversed(problems)}
    first = nsmallest(MAX_PROBLEMS + 1, kept)
    shown = [kept[key] for key in first[:MAX_PROBLEMS]]
    if len(first) > MAX_PROBLEMS:
        message = f"{len(kept) - MAX_PROBLEMS:,} more findings in this file are not shown"
        shown.append(SyntaxProblem("TAP023", message, first[MAX_PROBLEMS][0]))
    return in_order(problem.diagnostic(file) for problem in shown)


def _whole(file: SourceFile) -> tuple[tuple[Statement, ...] | None, list[Comment]]:
    """Parse the file at once, which works for all correct files; None if it does not."""
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
    """Findings about control characters, and about text that is not in the normal form NFC."""
    problems: list[SyntaxProblem] = []
    for match in _CONTROL.finditer(text):
        span = Span(match.start(), match.end())
        if match.group() == "\r":
            message = "a carriage return without a line feed"
        elif "\ud800" <= match.group() <= "\udfff":
            message = f"U+{ord(match.group()):04X} is half a character"
        else:
            message = f"the control character {describe(match.group())}"
        problems.append(SyntaxProblem("TAP003", message, span, notes=('in a string, write it as an escape: "\\u{…}"',)))
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
        patches=(Patch("normalize the text", tuple(edits)),),
    )
