"""What is printed keeps to the width there is: source lines are cut around their underline, names go last."""

import io
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from tapc.diagnostics import Diagnostic, Label
from tapc.source import SourceFile, Span
from tapc.ui.diagnostics import render
from tapc.ui.table import Column, table

ROOT = Path(__file__).parents[2]
LINES = [
    "short",
    "x" * 300,
    "\t" * 30 + "tabs",
    "日本語の長い行" * 40,
    "a\u202eb\x1b" * 60,
    "é" * 90 + "\t" + "z" * 90,
]


@pytest.mark.parametrize("width", [30, 80, 100, 160])
@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_a_source_line_and_its_underline_fit_and_stand_below_each_other(line, width):
    for first in range(0, len(line), max(1, len(line) // 9)):
        for length in (1, 7, 500):
            last = min(len(line), first + length)
            file = SourceFile("s.tap", line + "\n")
            label = Label(file, Span(first, last), "")
            lines = [text.plain for text in render(Diagnostic("TAP101", "error", "m", (label,)), (), width)]
            source, mark = lines[2], lines[3]
            assert cell_len(source) <= width and cell_len(mark) <= width
            left = mark.index("^")
            under = "".join(_columns(source)[left : len(mark)])
            if cell_len(line) < width - 4 and line.isprintable():
                assert under == line[first:last]
            elif line.isprintable() and "\t" not in line:
                shown = under.strip("…")
                assert shown and shown in line[first:last]


def _columns(text: str) -> list[str]:
    """Characters by the column they begin at; wide ones take two."""
    found: list[str] = []
    for char in text:
        found += [char, *[""] * (cell_len(char) - 1)]
    return found


def test_what_a_label_says_goes_below_where_it_has_no_room():
    file = SourceFile("s.tap", "x" * 70 + "abc\n")
    label = Label(file, Span(70, 73), "the first one was declared here, with other values")
    lines = [text.plain for text in render(Diagnostic("TAP101", "error", "m", (label,)), (), 60)]
    assert all(cell_len(line) <= 60 for line in lines)
    assert lines[3].endswith("^^^") and lines[4].endswith("with other values")
    wide = [text.plain for text in render(Diagnostic("TAP101", "error", "m", (label,)), (), 160)]
    assert wide[3].endswith("^^^ the first one was declared here, with other values")


COLUMNS = [
    Column("leaf", least=12),
    Column("model", least=12, spare=1),
    *(Column(title, right=True, spare=n) for title, n in (("requests", 3), ("cached", 2), ("tokens", 4))),
    Column("expected", right=True),
]
ROW = ["thermodynamics_of_irreversible_processes", "Llama-3.3-70B-Instruct-Turbo", "1,234", "99", "12.3M", "$1.23"]


@pytest.mark.parametrize(
    ("width", "columns", "cut"),
    [
        (160, ["leaf", "model", "requests", "cached", "tokens", "expected"], False),
        (108, ["leaf", "model", "requests", "cached", "tokens", "expected"], False),
        (100, ["leaf", "model", "requests", "cached", "expected"], False),
        (90, ["leaf", "model", "cached", "expected"], False),
        (80, ["leaf", "model", "expected"], False),
        (79, ["leaf", "model", "expected"], True),
        (40, ["leaf", "model", "expected"], True),
        (30, ["leaf", "expected"], True),
    ],
)
def test_figures_that_can_be_spared_go_before_a_name_is_cut(width, columns, cut):
    lines = table(COLUMNS, [ROW], width=width).plain.splitlines()
    assert lines[0].split() == columns
    assert max(map(cell_len, lines)) <= width
    assert ("…" in lines[1]) is cut
    assert "$1.23" in lines[1]


def on_terminal(columns: int, *words: str, folder: Path, code: int = 0) -> str:
    """What a terminal of so many columns gets, without its colors."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"NO_COLOR": "1", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tapc", *words], cwd=folder, env=env, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    found = b""
    while select.select([master], [], [], 60)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        found += part
    os.close(master)
    assert process.wait() == code, found.decode()
    return found.decode().replace("\r\n", "\n")


def test_a_wide_terminal_is_used_and_a_graph_says_how_to_draw_it(tmp_path: Path) -> None:
    name = "quantum_electrodynamics_and_its_experimental_foundations_in_the_twentieth_century"
    (tmp_path / "spec.tap").write_text(
        f"tap 1\ndataset d {{\n  samples 4\n  taxonomy topic {{ {name}, b }}\n"
        '  endpoint writer { model "sim-with-a-rather-long-name" }\n'
        '  generate a { using writer, prompt "{{ topic }}" }\n  emit sft { from a }\n}\n'
    )
    wide = on_terminal(160, "plan", "spec.tap", "--by", "topic", folder=tmp_path)
    assert max(map(len, wide.splitlines())) > 100
    assert name in wide
    graph = on_terminal(80, "graph", "spec.tap", folder=tmp_path)
    assert "dot -Tsvg" in graph and "mermaid.live" in graph
    piped = subprocess.run(
        [sys.executable, "-m", "tapc", "graph", "spec.tap"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "dot -Tsvg" not in piped.stdout + piped.stderr


def test_a_quiet_run_that_ends_short_says_so_in_one_line(tmp_path: Path) -> None:
    spec = (
        'tap 1\ndataset d {\n  samples 4\n  reserve 0%\n  endpoint w { model "sim" }\n'
        '  generate a { using w, prompt "Hi.", attempts 1, require length 1..2 }\n  emit sft { from a }\n}\n'
    )
    (tmp_path / "spec.tap").write_text(spec)
    command = [sys.executable, "-m", "tapc", "run", "spec.tap", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 5 and done.stdout == ""
    assert done.stderr.startswith("d: ended short: 0 of 4 samples, most often for ") and done.stderr.count("\n") == 1
    (tmp_path / "spec.tap").write_text(spec.replace(", require length 1..2", ""))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_console_is_a_last_guard() -> None:
    from tapc.ui.console import _Console

    out = io.StringIO()
    _Console(file=out, width=60, color_system=None, markup=False).print("a\x1b[2Jb\u202ec\x9bd\u200b")
    assert "\x1b" not in out.getvalue() and "\u202e" not in out.getvalue() and "\x9b" not in out.getvalue()
    assert "b\\u{202e}c" in out.getvalue()
    assert isinstance(_Console(), Console)


@pytest.mark.parametrize(
    ("width", "titles", "whole"),
    [
        (120, ["step", "endpoint", "reply", "seed", "usage"], True),
        (68, ["step", "endpoint", "reply", "usage"], True),
        (60, ["step", "endpoint", "reply"], True),
        (50, ["step", "endpoint", "reply"], False),
    ],
)
def test_a_grid_leaves_out_what_is_empty_or_spare_before_it_cuts_names(width, titles, whole):
    from tapc.ui.table import Grid

    grid = Grid("step", "~endpoint", ">reply", "seed", "?usage")
    grid.add_row("a_step_with_a_long_name", "an_endpoint_of_some_length", "1,234", "", "reported")
    grid.add_row("b", "c", "5", "", "none")
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(grid)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == titles
    assert max(map(cell_len, lines)) <= width
    assert ("a_step_with_a_long_name  an_endpoint_of_some_length" in lines[1]) is whole
    assert "1,234" in lines[1]
