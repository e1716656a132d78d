"""The live view: whole figures at any width, and a word when a server keeps silent."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from tapc.engine.protocol import Snapshot, StepProgress
from tapc.ui.console import _THEME
from tapc.ui.progress import PlainProgress, panel


def snapshot(silent: float) -> Snapshot:
    steps = (
        StepProgress("a_question_with_a_long_name", 60_000, 1_234, 0, 0),
        StepProgress("answer", 240_000, 5, 120, 3),
    )
    return Snapshot(
        dataset="d", seconds=90.0, planned=60_000, accepted=7, rejected=2, missing=0, steps=steps, in_flight=4,
        silent_seconds=silent, retried=1, tokens=900, spent=10**12, held=0, cap=None, phase="asking",
    )  # fmt: skip


def lines(silent: float, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, theme=_THEME, markup=False, highlight=False).print(panel(snapshot(silent), width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 48, 60, 80, 100, 200])
def test_figures_stay_whole_at_any_width(width):
    shown = lines(0.0, width)
    assert max(map(cell_len, shown)) <= width
    for figure in ("1,234/60,000", "125/240,000", "7/60,000"):
        assert sum(figure in line for line in shown) == 1
    assert len({line.index("/") + len(line[line.index("/") :].split()[0]) for line in shown[1:4]}) == 1, "aligned"
    if width >= 100:
        assert "a_question_with_a_long_name" in shown[1]
        assert "120 cached, 3 failed" in shown[2]


def test_a_run_that_hears_nothing_says_so_and_guesses_no_time():
    assert "left" in " ".join(lines(9.9, 100))
    silent = " ".join(lines(65.0, 100))
    assert "no reply for 1 min 05 s" in silent
    assert "left" not in silent
    out = io.StringIO()
    PlainProgress(Console(file=out, width=100)).update(snapshot(65.0))
    assert "no reply for 1 min 05 s" in out.getvalue()
