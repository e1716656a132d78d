"""What holds for every spec the formatter is given."""

import sys
from pathlib import Path

import pytest
from hypothesis import given

from tapc.format import format_source
from tapc.source import SourceFile
from tapc.syntax import parse
from tapc.syntax.nodes import Node, Text

sys.path.insert(0, str(Path(__file__).parent.parent))
from strategies_tap import specs


@pytest.fixture(autouse=True, scope="module")
def _no_cache():
    patch = pytest.MonkeyPatch()
    patch.setenv("TAPC_NO_CACHE", "1")
    yield
    patch.undo()


def content(node):
    """A node without its places."""
    if isinstance(node, Text):
        return ("Text", node.text)
    if isinstance(node, Node):
        return (
            type(node).__name__,
            *(content(getattr(node, f)) for f in node.__struct_fields__ if f not in {"span", "file"}),
        )
    if isinstance(node, tuple):
        return tuple(content(item) for item in node)
    return node


@given(specs())
def test_formatting_keeps_meaning_comments_and_texts_and_is_tidy(text):
    before, findings = parse(SourceFile("x.tap", text))
    assert findings == []
    formatted, findings = format_source(SourceFile("x.tap", text))
    assert findings == []
    after, findings = parse(SourceFile("x.tap", formatted))
    assert findings == []
    assert content(after.statements) == content(before.statements)
    assert [c.text for c in after.comments] == [c.text for c in before.comments]
    assert format_source(SourceFile("x.tap", formatted))[0] == formatted
    assert formatted.endswith("\n")
    assert not formatted.endswith("\n\n")
    assert "\r" not in formatted
    assert not formatted.startswith("\ufeff")


def test_a_bug_of_the_formatter_never_reaches_the_file(monkeypatch):
    """The result is compared with the source, token by token: were the printer to lose one, nothing would be written."""
    from tapc.format import source

    good = source.print_file
    monkeypatch.setattr(source, "print_file", lambda file: good(file).replace(" 60%", ""))
    text, found = format_source(SourceFile("x.tap", "tap 1\n\nmix m {\n  a 40%\n  b 60%\n}\n"))
    assert text is None
    assert [(d.code, d.labels[0].file.position(d.labels[0].span.start).line) for d in found] == [("TAP024", 5)]
