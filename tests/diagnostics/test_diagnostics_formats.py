"""Findings for programs, and fixes."""

import json

from tapc import __version__
from tapc.diagnostics import Diagnostic, Edit, Fix, Label, apply_fixes, to_github, to_json, to_sarif
from tapc.source import SourceFile, Span

FILE = SourceFile("a b/特:1.tap", "tap 1\na 哲学 b\nc\n")
FINDING = Diagnostic(
    "TAP010",
    "error",
    "100% wrong\nreally, yes: \ud800",
    (Label(FILE, Span(8, 10), "this"), Label(FILE, Span(13, 14), "that")),
    notes=("a note",),
    fixes=(Fix("write x", (Edit(FILE, Span(8, 10), "x"),)),),
)
NOWHERE = Diagnostic("TAP010", "error", "no place")


def test_json_has_exactly_the_documented_keys():
    first, second = json.loads(to_json([FINDING, NOWHERE]))
    keys = [
        "code",
        "name",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "notes",
        "fixes",
        "allowed",
    ]
    assert list(first) == keys == list(second)
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (2, 3, 2, 5)
    assert first["notes"] == ["this", "a b/特:1.tap:3:1: that", "a note"]
    assert first["fixes"][0]["edits"][0] == {
        "file": FILE.name, "line": 2, "column": 3, "end_line": 2, "end_column": 5, "text": "x",
    }  # fmt: skip
    assert second["file"] is None
    assert json.loads(to_json([])) == []


def test_github_commands_are_escaped():
    line, other = to_github([FINDING, NOWHERE]).split("\n")
    assert line.startswith(
        "::error file=a b/特%3A1.tap,line=2,endLine=2,col=3,endColumn=5,title=TAP010 unexpected-text::"
    )
    assert "100%25 wrong%0Areally, yes: " in line
    assert other == "::error title=TAP010 unexpected-text::no place"


def test_sarif_names_rules_places_and_fixes():
    log = json.loads(to_sarif([FINDING, NOWHERE]))
    assert log["version"] == "2.1.0"
    assert log["runs"][0]["tool"]["driver"]["version"] == __version__
    run = log["runs"][0]
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "TAP010"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%E7%89%B9:1.tap"
    assert place["region"] == {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 5}
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == "x"
    assert "locations" not in run["results"][1]


def _fixed(*fixes):
    return apply_fixes([Diagnostic("TAP010", "error", str(i), (), (), (fix,)) for i, fix in enumerate(fixes)])


def test_fixes_apply_whole_or_not_at_all():
    def fix(*edits, safe=True):
        return Fix("t", tuple(Edit(FILE, Span(a, b), text) for a, b, text in edits), safe=safe)

    assert _fixed(fix((8, 10, "x")), fix((0, 0, "// c\n"))) == {FILE.name: "// c\ntap 1\na x b\nc\n"}
    assert _fixed(fix((8, 10, "x")), fix((9, 10, "y"), (0, 3, "z"))) == {FILE.name: "tap 1\na x b\nc\n"}
    assert _fixed(fix((8, 10, "x"), safe=False)) == {}
    assert _fixed(fix((0, 0, "a")), fix((0, 0, "a"))) == {FILE.name: "atap 1\na 哲学 b\nc\n"}
