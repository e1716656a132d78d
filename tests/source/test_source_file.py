"""Places in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapc.source import DiskLoader, LoadError, SourceFile, Span


@given(st.text(st.sampled_from("ab\n\r哲"), max_size=40), st.integers(-3, 45))
def test_a_position_leads_back_to_its_offset(text, offset):
    file = SourceFile("x", text)
    at = file.position(offset)
    assert file.line_starts[at.line - 1] + at.column - 1 == max(0, min(offset, len(text)))


@given(st.text(st.sampled_from("ab\n\r哲"), max_size=40))
def test_lines_are_those_between_line_feeds(text):
    file = SourceFile("x", text)
    assert [file.line(i + 1) for i in range(len(file.line_starts))] == [line.rstrip("\r") for line in text.split("\n")]


def test_spans_join():
    assert Span(3, 5).to(Span(1, 4)) == Span(1, 5)


def test_what_cannot_be_read_is_told_apart(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "folder").mkdir()
    for name, why in (
        ("a", "is a symbolic link that leads nowhere"),
        ("c", "does not exist"),
        ("folder", "is a folder, not a file"),
    ):
        with pytest.raises(LoadError, match=why):
            DiskLoader().read(tmp_path / name)
