"""Pipelines before they are used: what can be said without their arguments."""

from tapc.semantics.compose import Scope, lift_block, stranger
from tapc.semantics.report import Report
from tapc.semantics.values import Fields
from tapc.syntax.nodes import Entry


def check_pipeline(entry: Entry, scope: Scope, report: Report) -> None:
    """Check the statements of a pipeline and their fields; a dataset that uses it may still complete them."""
    known = report.vocabulary.statement("pipeline").names
    for item in lift_block(entry.block, scope, report) if entry.block else ():
        if item.head not in known:
            stranger(item, known, report)
        elif item.head in report.vocabulary.steps:
            Fields(item, item.head, report, required=False)
