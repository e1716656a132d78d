"""Explains what is wrong with a statement, from the place where the parser stopped and the tokens it expected."""

import re
from typing import TYPE_CHECKING, Any

from tapc.source import Span
from tapc.syntax.problem import Patch, SyntaxProblem
from tapc.syntax.words import foreign_character

if TYPE_CHECKING:
    from lark import UnexpectedInput

RESERVED = ("import", "param", "when", "exclude")
"""Words that begin a statement; as names they must be quoted."""

_KINDS = {
    "NAME": "a name",
    "STRING": "a string",
    "TEXT": "a text block",
    "NUMBER": "a number",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LSQUARE": "`[`",
    "RSQUARE": "`]`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "COMPARE": "a comparison",
    "_EQUALS": "`=`",
    "_COLON": "`:`",
    "_DOT": "`.`",
    "_IN": "`in`",
    "_AS": "`as`",
    "_AND": "`and`",
    "WHEN": "`when`",
    "IMPORT": "`import`",
    "PARAM": "`param`",
    "EXCLUDE": "`exclude`",
}
_VALUE_KINDS = {"NAME", "STRING", "TEXT", "NUMBER", "LSQUARE", "COMPARE"}
_HINTS = {
    ";": "statements end at a newline or a comma",
    "'": 'write strings in double quotes: "…"',
    "`": 'write strings in double quotes: "…"',
    "#": "comments begin with `//`",
    "|": "alternatives are a list: `[a, b]`",
    "&": "conditions are joined by `and`",
    "!": "negations are not part of conditions; `exclude` removes values",
    "/": "comments begin with `//`; write file names in double quotes",
    "*": "comments begin with `//`",
    "+": "tapc does not compute; write the result",
    "-": "`-` is allowed between letters of a name only; quote any other name",
    ".": 'numbers begin with a digit; quote a part of a path that begins with one: `topic."0402"`',
    "$": "money is `$` and a number: `$25`",
    "%": "a percentage is a number and `%`: `40%`",
    "@": "quote what is not a name",
    "=": "equality is one `=`",
}
_INNER = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"  # as in the grammar
_WORD = re.compile(rf'"""|"[^"\n]*"?|{_INNER}+(?:-{_INNER}+)*|.', re.DOTALL)


_FIELD = re.compile(rf"{_INNER}+(?:-{_INNER}+)*[ \t]*:")
"""A name and a colon, as other languages write fields."""


def _expected(kinds: set[str], *, listed: bool) -> str:
    known = kinds & _KINDS.keys()
    known -= {"RBRACE"} if listed else {"RBRACE", "RSQUARE", "RPAR", "COMMA"}  # a shared table has no context
    words: list[str] = []
    if known >= _VALUE_KINDS:
        words.append("a value")
        known -= _VALUE_KINDS
    words += [_KINDS[kind] for kind in _KINDS if kind in known]
    if not words:
        return ""
    return f"expected {' or '.join(words) if len(words) < 3 else ', '.join(words[:-1]) + ' or ' + words[-1]}"


def blame(error: "UnexpectedInput", text: str, start: int, end: int) -> SyntaxProblem:
    """Turn the error of the parser into a finding.

    Args:
        error: what lark raised for one statement.
        text: the whole text.
        start: offset of the first word of the statement.
        end: offset after its last token.
    """
    at, kind = _place(error, end)
    expected = set(getattr(error, "accepts", None) or getattr(error, "expected", None) or _allowed(error))
    found = _WORD.match(text, at) if at < end else None
    listed = text.count("[", start, at) + text.count("(", start, at) > (
        text.count("]", start, at) + text.count(")", start, at)
    )
    reserved = _reserved(text, start, at, found)
    if reserved:
        return reserved
    if found is None:
        last = len(text[start:end].rstrip())
        span = Span(start + max(0, last - 1), start + max(1, last))
        return SyntaxProblem("TAP022", "this statement is not complete", span, _expected(expected, listed=listed))
    char = found.group()[0]
    if not char.isascii() and kind is None:
        return foreign_character(char, at)
    shown = found.group()
    if len(shown) > 40:
        shown = shown[:39] + "…"
    notes = (_HINTS[char],) if char in _HINTS else ()
    if text[start:at].rstrip().endswith("=") and (char.isdigit() or char in "$-"):
        notes = ("a number follows its word, `samples 12`, or a comparison, `samples >= 12`",)
    message = f"unexpected `{shown}`" if char != '"' else "unexpected string"
    patches: tuple[Patch, ...] = ()
    before = text[start:at].rstrip()
    if before.endswith(":") and _FIELD.fullmatch(before):
        colon = start + len(before) - 1
        notes = (f"a field and its value are written without a colon: `{before[:-1].strip()} {shown}`",)
        patches = (Patch("leave out the colon", ((Span(colon, at), " "),)),)
    if char == ";":
        patches = (Patch("write a comma", ((Span(at, at + 1), ","),)),)
    span = Span(at, min(found.end(), end))
    return SyntaxProblem("TAP010", message, span, _expected(expected, listed=listed), notes=notes, patches=patches)


def _allowed(error: Any) -> set[str]:
    """The tokens that the lexer expected where it found none."""
    return set(getattr(error, "allowed", None) or ())


def _place(error: Any, end: int) -> tuple[int, str | None]:
    token = getattr(error, "token", None)
    if token is None:
        return error.pos_in_stream, None
    if token.type == "$END":
        return end, "$END"
    return token.start_pos, token.type


def _reserved(text: str, start: int, at: int, found: re.Match[str] | None) -> SyntaxProblem | None:
    """The finding for a statement word before a share, a title, a definition, a block or nothing: it is a name."""
    word = next((w for w in RESERVED if text.startswith(w, start)), None)
    if word is None or text[start + len(word) : at].strip(" \t"):
        return None
    follows = found.group()[0] if found else ""
    if follows and not (follows.isdigit() or follows in '":{'):
        return None
    span = Span(start, start + len(word))
    return SyntaxProblem(
        "TAP020",
        f"`{word}` begins a statement; quote it to use it as a name",
        span,
        patches=(Patch(f'write "{word}"', ((span, f'"{word}"'),), safe=False),),
    )
