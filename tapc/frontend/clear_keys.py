"""Keys anywhere in the texts a spec was read from: prompts, `extra`, comments."""

from collections.abc import Iterable

from tapc.outside.key_shapes import find_keys
from tapc.semantics.report import Place, Report
from tapc.source import SourceFile, Span


def report_clear_keys(files: Iterable[SourceFile], report: Report) -> bool:
    """Report every text that has the shape of a key, unless its statement was reported; whether there is any."""
    before = len(report.diagnostics)
    known = [label for d in report.diagnostics if d.code == "TAP401" for label in d.labels[:1]]
    for file in files:
        for shape, start, end in find_keys(file.text):
            if any(label.file is file and label.span.start <= start < label.span.end for label in known):
                continue
            notes = (
                'keys are read from the environment: `key env("NAME")` or `header "NAME" env("NAME")`',
                "treat the one written here as leaked: revoke it",
                "if it is made up, take a few of its characters away, or write one of them as an escape",
            )
            message = f"a key ({shape.provider}) is in the spec in clear text"
            report.add("TAP401", message, Place(file, Span(start, end)), notes=notes)
    return len(report.diagnostics) > before
