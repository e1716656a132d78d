"""Progress of real runs: at no moment is anything beyond its total, on a terminal, in a pipe, as JSON."""

import io
import re
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tapc.engine import session
from tapc.ui.console import _THEME
from tapc.ui.progress import PlainProgress, panel
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1
dataset d {{
  samples {samples}
  reserve {reserve}
  mix tone {{ warm, cold }}
  endpoint pen {{ model "sim-pen", price free }}
  rubric plain {{ aspect clarity 1..5: "Is it clear?" }}
  generate start {{ using pen, prompt "Begin {{{{ tone }}}}.", max_tokens 60{per} }}
  generate question {{
    using pen, prompt "Ask {{{{ start }}}}.", max_tokens 90, attempts {attempts}
    require length {least}..400 words
  }}
  judge verdict {{ of question, using pen, rubric plain, require score overall >= {score} }}
  emit sft {{ from question }}
}}
"""

PARTS = st.fixed_dictionaries(
    {
        "samples": st.integers(1, 25),
        "reserve": st.sampled_from(["0%", "50% at_least 3", "300%"]),
        "per": st.sampled_from(["", ", per [tone]"]),
        "attempts": st.sampled_from([1, 4]),
        "least": st.sampled_from([1, 20, 45]),
        "score": st.sampled_from(["1", "3.5", "5"]),
    }
)
FIGURES = re.compile(r"(\d[\d,]*)/(\d[\d,]*)")


class Watching:
    """Keeps every snapshot, and what each display makes of it."""

    def __init__(self):
        self.seen = []

    def update(self, snapshot):
        text = io.StringIO()
        console = Console(file=text, width=100, theme=_THEME, markup=False, highlight=False)
        console.print(panel(snapshot, 100))
        PlainProgress(console).update(msgspec.structs.replace(snapshot, seconds=99.0))  # else it waits for ten seconds
        self.seen.append((snapshot, text.getvalue()))

    def note(self, text):
        pass


@given(PARTS, st.booleans())
@settings(max_examples=20, deadline=None)
def test_nothing_passes_its_total(parts, brake):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = folder / "d.tap"
        runs = []
        for length in (parts["least"], 45):  # the second run has the replies of the first, and rejects others
            spec.write_text(SPEC.format(**parts | {"least": length}), encoding="utf-8")
            counted = count_spec(check_spec(spec, settings={}, dataset=None))
            assert counted.planned is not None, counted.diagnostics
            watching = Watching()
            options = RunOptions(out=folder / "out", store=folder / "store", brake=brake)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(session, "_TICK", 0.0)  # look at every moment
                report = run_plan(counted.planned, options, sources=(), environ={}, observer=watching)
            runs.append((report, watching.seen))
    for report, seen in runs:
        assert seen, "the end of a run is always told"
        for snapshot, shown in seen:
            for step in snapshot.steps:
                assert min(step.done, step.cached, step.failed) >= 0
                assert step.done + step.cached + step.failed <= step.expected
            assert snapshot.accepted <= snapshot.planned
            figures = [tuple(int(part.replace(",", "")) for part in pair) for pair in FIGURES.findall(shown)]
            assert len(figures) >= len(snapshot.steps)
            assert all(done <= total for done, total in figures), shown
        last = seen[-1][0]
        start = last.steps[0]
        if report.run.stopped is None:
            assert start.done + start.cached == start.expected, "it passes always; shared, each reply counts once"
        assert sum(step.done for step in last.steps) == report.run.requests.sent
