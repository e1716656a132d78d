"""Checks a template against the names that exist at its place."""

from typing import Protocol

from tapc.diagnostics import Edit, Fix, Label
from tapc.ir import Template
from tapc.source import SourceFile
from tapc.syntax.nodes import Quoted, Text
from tapc.templates.finding import Finding
from tapc.templates.limits import MAX_CHARACTERS, over_limit
from tapc.templates.plain import plain_reads
from tapc.templates.scope import TemplateScope
from tapc.templates.tokens import Tokens, span_map
from tapc.templates.walk import Walk


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
