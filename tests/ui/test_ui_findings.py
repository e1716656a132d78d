"""Findings on the terminal."""

import io

from rich.cells import cell_len
from rich.console import Console

from tapc.diagnostics import Diagnostic, Fix, Label
from tapc.source import SourceFile, Span
from tapc.ui.console import _THEME
from tapc.ui.diagnostics import render, show_findings


def lines(diagnostic):
    return [line.plain for line in render(diagnostic)]


def finding(text, part, **more):
    file = SourceFile("x.tap", text)
    start = text.index(part)
    return Diagnostic("TAP010", "error", "message", (Label(file, Span(start, start + len(part)), "here"),), **more)


def underline(diagnostic):
    shown = lines(diagnostic)
    source, marks = shown[2].split("│ ", 1)[1], shown[3].split("│ ", 1)[1]
    left = len(marks) - len(marks.lstrip())
    return source, left, marks.count("^")


def test_underlines_stand_under_wide_characters_and_tabs():
    for text, part in (
        ("\t哲学 数学 x", "数学"),
        ("a\tb c", "c"),
        ("日本x", "x"),
        ("हिन्दी y", "y"),
        ("e\u0301é z", "z"),
        ("می\u200cخواهم k", "k"),
        ("क\u094d\u200dष k", "k"),
    ):
        source, left, width = underline(finding(text, part))
        before = source[: source.index(part)]
        assert left == sum(map(cell_len, before))  # of a text as a whole, what follows a joiner would not count
        assert width == cell_len(part)


def test_control_characters_cannot_reach_the_terminal():
    shown = "\n".join(lines(finding('a "\x1b[31m\u202e\x07" b', "b")))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\x07" not in shown
    assert r"\x1b[31m\u{202e}\x07" in shown


def test_joiners_are_spelling_between_letters_and_escaped_elsewhere():
    shown = "\n".join(lines(finding('"می\u200cخواهم" "👨\u200d👩" \u200c x', "x")))
    assert "می\u200cخواهم" in shown
    assert r"👨\u{200d}👩" in shown
    assert r"\u{200c} x" in shown


def test_several_places_over_several_files():
    one, two = SourceFile("one.tap", "a\nb\nc\nd\n"), SourceFile("dir/two.tap", "x y\n")
    diagnostic = Diagnostic(
        "TAP010",
        "error",
        "two\nlines",
        (Label(one, Span(2, 3), "first"), Label(two, Span(2, 3), "second"), Label(one, Span(6, 7), "third")),
        notes=("a note\nin two lines",),
        fixes=(Fix("do it", ()), Fix("or that", (), safe=False)),
    )
    assert lines(diagnostic) == [
        "error[TAP010] unexpected-text: two",
        "  lines",
        " --> one.tap:2:1",
        "2 │ b",
        "  │ ^ first",
        "  ┆",
        "4 │ d",
        "  │ - third",
        " ::: dir/two.tap:1:3",
        "1 │ x y",
        "  │   - second",
        "  = note: a note\n          in two lines",
        "  = help: do it  (applied by `tapc check --fix`)",
        "  = help: or that",
    ]


def test_a_long_line_is_cut_around_the_place():
    text = "a" * 5000 + " here " + "b" * 5000
    shown = lines(finding(text, "here"))
    assert max(map(len, shown)) < 200
    assert " here " in shown[2]


def test_pipes_get_no_colour_and_no_wrapping():
    out = io.StringIO()
    console = Console(file=out, theme=_THEME, width=20, color_system=None)
    show_findings(console, [finding("x" * 60, "x" * 60)])
    assert "\x1b" not in out.getvalue()
    assert "^" * 60 in out.getvalue()
    assert out.getvalue().endswith("1 error.\n")


def test_what_stands_in_the_spec_in_clear_text_is_shown_by_no_finding():
    secret = finding('key "sk-日本-9999", modl 1', '"sk-日本-9999"')
    other = Diagnostic("TAP102", "error", "unknown", (Label(secret.labels[0].file, Span(18, 22)),))
    console = Console(file=io.StringIO(), width=100, theme=_THEME)
    show_findings(console, [other, Diagnostic("TAP401", "error", "in clear", secret.labels)])
    shown = console.file.getvalue()
    assert shown.count('key "**********", modl 1') == 2
    assert "9999" not in shown
