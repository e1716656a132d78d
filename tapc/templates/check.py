"""Checks a template against the names that exist at its place."""

from typing import Protocol

from tapc.diagnostics import Edit, Fix, Label
from tapc.ir import Template
from tapc.source import SourceFile
from tapc.syntax.nodes import Quoted, Text
from tapc.templates.finding import Finding
from tapc.templates.plain import plain_reads
from tapc.templates.scope import TemplateScope
from tapc.templates.tokens import Token, Tokens, span_map
from tapc.templates.walk import Walk

MAX_CHARACTERS = 200_000
MAX_TAGS = 2_000
MAX_TOKENS_IN_TAG = 250
MAX_BRACKETS = 16
MAX_NESTED_TAGS = 16
MAX_NESTED_LOOPS = 2


def over_limit(tokens: Tokens) -> tuple[str, int, int] | None:
    """The first limit that a template exceeds: message and range."""
    meter = _Meter()
    for token in tokens.items:
        if token.tag < 0 or token.kind == "whitespace":
            continue
        message = meter.pass_by(token, tokens.items[token.tag].kind)
        if message is not None:
            return message, *tokens.tag_range(token.tag)
    return None


class _Meter:
    """Counts along the tokens."""

    def __init__(self) -> None:
        self._tags = 0
        self._tag = -1
        self._in_tag = 0
        self._brackets = 0
        self._opened: list[str] = []

    def pass_by(self, token: Token, opening: str) -> str | None:
        """Count a token; returns the limit that it exceeds, in words."""
        if token.tag != self._tag:
            self._tag, self._in_tag, self._brackets = token.tag, 0, 0
            self._tags += 1
        self._in_tag += 1
        if token.kind == "operator":
            self._brackets += (token.value in "([{") - (token.value in ")]}")
        if token.kind == "name" and opening == "block_begin" and self._in_tag == 2:
            self._nest(token.value)
        for count, most, what in (
            (self._tags, MAX_TAGS, "holes and tags in one template"),
            (self._in_tag, MAX_TOKENS_IN_TAG, "words in one hole or tag"),
            (self._brackets, MAX_BRACKETS, "nested brackets"),
            (len(self._opened), MAX_NESTED_TAGS, "nested tags"),
            (self._opened.count("for"), MAX_NESTED_LOOPS, "nested loops"),
        ):
            if count > most:
                return f"more than {most:,} {what}"
        return None

    def _nest(self, word: str) -> None:
        if word in ("if", "for"):
            self._opened.append(word)
        elif word in ("endif", "endfor") and self._opened:
            self._opened.pop()


class Reporter(Protocol):
    """Receives findings."""

    def add(
        self, code: str, message: str, *places: Label, notes: tuple[str, ...] = (), fixes: tuple[Fix, ...] = ()
    ) -> None:
        """Report a finding; the first place is the primary one."""
        ...


def check_template(node: Text | Quoted, file: SourceFile, scope: TemplateScope, report: Reporter) -> Template | None:
    """Check every expression, attribute and filter of a template.

    Args:
        node: the text in the syntax tree.
        file: file of the text.
        scope: names that it may read.
        report: receives findings, with their places inside the text.

    Returns:
        The template and the names it reads, or None after an error.
    """
    span = span_map(node, file)
    text = node.text
    if len(text) > MAX_CHARACTERS:
        message = f"this template has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed"
        report.add("TAP308", message, Label(file, node.span))
        return None
    if "{" not in text:
        return Template.trusted(text=text)
    reads = plain_reads(text, scope)
    if reads is not None:
        return Template.trusted(text=text, reads=reads)
    tokens = Tokens(text)
    broken = over_limit(tokens)
    if broken is not None:
        message, start, end = broken
        report.add("TAP308", message, Label(file, span(start, end)))
        return None

    def found(finding: Finding) -> None:
        at = span(finding.start, finding.end)
        fixes = ()
        if finding.better is not None:
            fixes = (Fix(f"write `{finding.better}`", (Edit(file, at, finding.better),), safe=False),)
        report.add(finding.code, finding.message, Label(file, at, finding.label), notes=finding.notes, fixes=fixes)

    walk = Walk(tokens, scope, found)
    walk.run()
    return None if walk.failed else Template.trusted(text=text, reads=tuple(sorted(walk.reads)))
