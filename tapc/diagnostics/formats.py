"""Findings for programs: JSON, GitHub workflow commands, SARIF."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from tapc import __version__
from tapc.diagnostics.codes import rule
from tapc.diagnostics.diagnostic import Allow, Diagnostic, Edit, Fix, Label
from tapc.outside.visible import visible_json, visible_lines
from tapc.source import SourceFile, Span

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def _pretty(document: Any) -> str:
    return visible_json(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def _place(file: SourceFile, span: Span) -> dict[str, Any]:
    start, end = file.position(span.start), file.position(span.end)
    return {
        "file": file.name,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }


_NOWHERE = {"file": None, "line": None, "column": None, "end_line": None, "end_column": None}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.file, edit.span), "text": _text(edit.text)} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _text(text: str) -> str:
    """The text without unpaired surrogates, which JSON encodings cannot represent."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def to_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a JSON list with one object per finding.

    Lines and columns count from 1, columns count code points, and ends are exclusive; they and `file` are null for a
    finding without a place. Related places are in `notes`, as `file:line:column: text`. `allowed` is the reason for
    which the spec allows the finding, null if it does not.
    """
    return _pretty([_object(diagnostic) for diagnostic in diagnostics])


def _object(diagnostic: Diagnostic) -> dict[str, Any]:
    first = diagnostic.labels[0] if diagnostic.labels else None
    return {
        "code": diagnostic.code,
        "name": rule(diagnostic.code).name,
        "severity": diagnostic.severity,
        "message": _text(diagnostic.message),
        **(_place(first.file, first.span) if first else _NOWHERE),
        "notes": [_text(note) for note in notes_with_places(diagnostic)],
        "fixes": [_fix(fix) for fix in diagnostic.fixes],
        "allowed": None if diagnostic.allowed is None else _text(diagnostic.allowed.reason),
    }


def notes_with_places(diagnostic: Diagnostic) -> list[str]:
    """The texts of the labels, with the places of all but the first, then the notes.

    For formats that show one place per finding.
    """
    said: list[str] = []
    for i, label in enumerate(diagnostic.labels):
        if i == 0:
            said += [label.text] if label.text else []
            continue
        at = label.file.position(label.span.start)
        said.append(f"{label.file.name}:{at.line}:{at.column}: {label.text or 'see here'}")
    return [*said, *diagnostic.notes]


def _escape_data(text: str) -> str:
    return (
        visible_lines(_text(text).replace("\r\n", "\n")).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    )


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def to_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One workflow command per finding that is not allowed, which GitHub Actions shows next to the line."""
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics if diagnostic.allowed is None)


def _command(diagnostic: Diagnostic) -> str:
    properties: list[str] = []
    if diagnostic.labels:
        first = diagnostic.labels[0]
        place = _place(first.file, first.span)
        properties += [f"file={_escape_property(first.file.name)}", f"line={place['line']}"]
        properties += [f"endLine={place['end_line']}"]
        if place["line"] == place["end_line"]:  # GitHub accepts columns only if the finding lies within one line
            properties += [f"col={place['column']}", f"endColumn={place['end_column']}"]
    name = rule(diagnostic.code).name
    properties.append(f"title={_escape_property(f'{diagnostic.code} {name}')}")
    message = "\n".join([diagnostic.message, *notes_with_places(diagnostic)])
    return f"::{diagnostic.severity} {','.join(properties)}::{_escape_data(message)}"


def _uri(name: str) -> str:
    return quote(name.replace("\\", "/"), safe="/:.-_~", errors="backslashreplace")


def _region(file: SourceFile, span: Span) -> dict[str, int]:
    place = _place(file, span)
    return {
        "startLine": place["line"],
        "startColumn": place["column"],
        "endLine": place["end_line"],
        "endColumn": place["end_column"],
    }


def _location(label: Label) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(label.file.name)},
            "region": _region(label.file, label.span),
        }
    }
    if label.text:
        location["message"] = {"text": _text(label.text)}
    return location


def _sarif_fix(fix: Fix) -> dict[str, Any]:
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.file.name, []).append(edit)
    changes = [
        {
            "artifactLocation": {"uri": _uri(name)},
            "replacements": [
                {"deletedRegion": _region(edit.file, edit.span), "insertedContent": {"text": _text(edit.text)}}
                for edit in edits
            ],
        }
        for name, edits in by_file.items()
    ]
    return {"description": {"text": _text(fix.title)}, "artifactChanges": changes}


def to_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """A SARIF 2.1.0 log with one run; columns count code points. Allowed findings are suppressed in source."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    described = [
        {
            "id": code,
            "name": "".join(part.capitalize() for part in rule(code).name.split("-")),
            "shortDescription": {"text": rule(code).summary},
            "fullDescription": {"text": rule(code).explanation},
            "defaultConfiguration": {"level": rule(code).severity},
        }
        for code in codes
    ]
    results = [_result(diagnostic, codes) for diagnostic in diagnostics]
    if any(diagnostic.allowed is not None for diagnostic in diagnostics):  # all results have them, or none
        for diagnostic, result in zip(diagnostics, results, strict=True):
            result["suppressions"] = [] if diagnostic.allowed is None else [_suppression(diagnostic.allowed)]
    run = {
        "tool": {"driver": {"name": "tapc", "version": __version__, "rules": described}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return _pretty({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _suppression(allow: Allow) -> dict[str, Any]:
    return {"kind": "inSource", "justification": _text(allow.reason), "location": _location(allow.label)}


def _result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": _text("\n".join([diagnostic.message, *diagnostic.notes]))},
    }
    if diagnostic.labels:
        result["locations"] = [_location(diagnostic.labels[0])]
    if diagnostic.labels[1:]:
        result["relatedLocations"] = [{"id": i, **_location(label)} for i, label in enumerate(diagnostic.labels[1:], 1)]
    fixes = [_sarif_fix(fix) for fix in diagnostic.fixes if fix.edits]
    if fixes:
        result["fixes"] = fixes
    return result
