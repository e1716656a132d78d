"""Whatever the bytes, reading and formatting end with findings or success."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.diagnostics import apply_fixes, to_github, to_json, to_sarif
from tapc.format import format_source
from tapc.source import SourceFile
from tapc.syntax import decode_source, parse
from tapc.ui.diagnostics import render

sys.path.insert(0, str(Path(__file__).parent.parent))
from strategies_tap import specs

LIMITS = settings(max_examples=settings.default.max_examples // 3)
PIECES = ["{", "}", "[", "]", "(", ")", '"', '"""', "\n", "\r\n", "\r", ",", "//", "///", "=", ":", ".", "..", "<=", "when ", "in ",
          "import ", "param ", "exclude ", "tap 1\n", "a ", "哲学", "\u0301", "\x00", "\ud800", "1", "-", "$", "%", "\\", "\t", "  ", "\ufeff", "😀", ";"]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _no_cache():
    patch = pytest.MonkeyPatch()
    patch.setenv("TAPC_NO_CACHE", "1")
    yield
    patch.undo()


def survives(text):
    file = SourceFile("x.tap", text)
    module, found = parse(file)
    for diagnostic in found:
        for label in diagnostic.labels:
            assert 0 <= label.span.start <= label.span.end <= len(text)
        assert render(diagnostic)
    to_json(found), to_github(found), to_sarif(found)
    apply_fixes(found)
    formatted, complaints = format_source(file)
    assert (formatted is None) == any(d.severity == "error" for d in complaints)
    return module, found


@LIMITS
@given(st.binary(max_size=300))
def test_random_bytes(data):
    file, found = decode_source("x.tap", data)
    assert (file is None) == bool(found)
    if file is not None:
        survives(file.text)


@LIMITS
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_random_tokens(text):
    survives(text)


@LIMITS
@given(specs(), st.data())
def test_truncated_specs(text, data):
    survives(text[: data.draw(st.integers(0, len(text)))])


@LIMITS
@given(specs(), specs(), st.data())
def test_spliced_specs(one, other, data):
    cut = data.draw(st.integers(0, len(one)))
    again = data.draw(st.integers(0, len(one)))
    at = data.draw(st.integers(0, len(other)))
    survives(one[:cut] + data.draw(st.sampled_from(PIECES)) + other[at:] + one[again:])


SIZE = 40_000


@pytest.mark.parametrize(
    "text",
    [
        "{" * SIZE,
        "}" * SIZE,
        "[" * SIZE,
        "a {" * SIZE,
        "a {\n" * (SIZE // 4),
        "a [" * SIZE,
        "(" * SIZE + ")" * SIZE,
        '"' * SIZE,
        '"""\n' * (SIZE // 4),
        'a """ b\n' * (SIZE // 8),
        'a """\n' * (SIZE // 8),
        "/" * SIZE,
        "///\n" * (SIZE // 4),
        "a " * SIZE,
        "a." * SIZE,
        "9" * SIZE,
        "a" * SIZE,
        "-" * SIZE,
        "\\" * SIZE,
        '"' + "\\" * SIZE,
        "\x00" * SIZE,
        "\ud800" * SIZE,
        "\u0301" * SIZE,
        "\n" * SIZE,
        "\r" * SIZE,
        "tap 1\n" * (SIZE // 6),
        "a = \n" * (SIZE // 20),
        "e\u0301\n" * (SIZE // 20),
        "x { a = }\n" * (SIZE // 40),
        "a { b {} } }\n" * (SIZE // 40),
        "a [ { ] }\n" * (SIZE // 40),
        "a /// b\n" * (SIZE // 40),
    ],
    ids=lambda text: repr(text[:8]),
)
def test_large_nonsense_ends_soon(text):
    """The test's time limit is the bound; quadratic work would pass it by far."""
    file = SourceFile("x.tap", text)
    _, found = parse(file)
    assert len(found) <= 101
    format_source(file)
