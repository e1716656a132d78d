"""Formats a file, or says why it cannot."""

from tapc.diagnostics import Diagnostic, Label, has_errors, rule
from tapc.format.layout import group_tokens
from tapc.format.printer import print_file
from tapc.source import SourceFile, Span
from tapc.syntax import Lexeme, lexemes, parse


def format_source(file: SourceFile) -> tuple[str | None, list[Diagnostic]]:
    """The file in the canonical layout.

    Returns:
        The text, or None if the file does not parse or the result would have another meaning; and the findings.
    """
    findings = parse(file)[1]
    if has_errors(findings):
        return None, findings
    tokens = lexemes(file.text)
    text = print_file(group_tokens(tokens))
    after = lexemes(text)
    place = _difference(tokens, after)
    if place is None and has_errors(parse(SourceFile(file.name, text))[1]):
        place = Span(0, 0)
    if place is not None:
        message = "formatting would change what this file says, so it is left as it is"
        return None, [*findings, Diagnostic("TAP024", rule("TAP024").severity, message, (Label(file, place),))]
    return text, findings


def _difference(before: list[Lexeme], after: list[Lexeme]) -> Span | None:
    """The places where two token streams differ, ignoring layout; None if they do not."""
    for pick in (_words, _comments):
        left, right = pick(before), pick(after)
        for (a, span), (b, _) in zip(left, right, strict=False):
            if a != b:
                return span
        if len(left) != len(right):
            longer = max(left, right, key=len)
            span = longer[min(len(left), len(right))][1]
            return span if longer is left else Span(0, 0)
    return None


def _comments(tokens: list[Lexeme]) -> list[tuple[str, Span]]:
    return [(token.text, token.span) for token in tokens if token.kind == "comment"]


def _words(tokens: list[Lexeme]) -> list[tuple[str, Span]]:
    """Tokens and separators: newlines and commas between statements are equal, and redundant ones are dropped."""
    found: list[tuple[str, Span]] = []
    brackets: list[str] = []
    for token in tokens:
        if token.kind == "comment":
            continue
        if token.kind == "newline" or token.text == ",":
            listed = token.kind == "newline" and brackets and brackets[-1] != "{"
            if found and not listed and not _separated(found[-1][0]):
                found.append((",", token.span))
            continue
        if token.kind == "close":
            _drop_separator(found)
            brackets.pop()
        elif token.kind == "open":
            brackets.append(token.text)
        content = f'"""{token.block().text}' if token.kind == "text" else token.text
        found.append((content, token.span))
    _drop_separator(found)
    return found


def _separated(before: str) -> bool:
    """Whether a separator after this token is redundant."""
    return before in {",", "{"} or before.startswith("///")


def _drop_separator(found: list[tuple[str, Span]]) -> None:
    if found and found[-1][0] == ",":
        found.pop()
