"""Tables at any width: numbers stay whole, names are cut, no line is too long, no blanks at ends of lines."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tapc.plan import cost_plan, describe
from tapc.ui.console import _THEME
from tapc.ui.diff import show_diff
from tapc.ui.markdown import MAX_CHARACTERS, plan_markdown
from tapc.ui.plan import show_plan
from tapc.ui.table import Column, table
from tapc.workspace.diff import diff_document, find_sides, load_side
from tapc.workspace.estimate import language_rates
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPECS = Path(__file__).parents[2] / "specs"
NAMES = st.text(st.sampled_from("ab字段ไทย é-"), min_size=1, max_size=60).map(lambda s: s.strip() or "x")
ROWS = st.lists(st.tuples(NAMES, NAMES, st.integers(0, 10**9), st.integers(0, 10**6)), min_size=1, max_size=6)
COLUMNS = (
    Column("name", least=8),
    Column("other", least=8, spare=1),
    Column("many", right=True, spare=2),
    Column("few", right=True),
)


@given(ROWS, st.integers(24, 120))
def test_numbers_stay_whole_and_lines_fit(rows, width):
    text = table(COLUMNS, [[a, b, f"{m:,}", f"{n:,}"] for a, b, m, n in rows], width=width).plain
    lines = text.split("\n")
    assert len(lines) == len(rows) + 1
    for line, row in zip(lines[1:], rows, strict=True):
        assert cell_len(line) <= width
        assert line == line.rstrip()
        assert line.endswith(f"{row[3]:,}")
    if cell_len(max((r[0] for r in rows), key=cell_len)) + 40 < width and "many" in lines[0]:
        assert all(f"{r[2]:,}" in line for line, r in zip(lines[1:], rows, strict=True))


SPEC = """tap 1

dataset 一个相当长的数据集名称用来看看表格会怎么样 {{
  samples {samples}
  taxonomy 学科 {{ {leaves} }}
  mix language {{ zh-Hans 70%, en }}
  endpoint an_endpoint_with_quite_a_long_name_indeed {{
    model "Some-Organisation/Some-Very-Long-Model-Name-70B-Instruct-v0.3-AWQ", url "http://127.0.0.1:9/v1"
    price {{ input $1/M, output $2/M }}
  }}
  generate a_step_with_a_name_that_is_far_too_long_for_any_table {{
    using an_endpoint_with_quite_a_long_name_indeed, prompt "{{{{ 学科 }}}} {{{{ language.name }}}}"
  }}
  emit prompts {{ prompt a_step_with_a_name_that_is_far_too_long_for_any_table }}
}}
"""
LEAVES = "物理学 { 力学与运动以及其他很长很长很长很长很长很长的名称, 热学 }, 化学, 生物"


@pytest.fixture(scope="module")
def long_names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    return folder, document(folder, "long", 50, LEAVES)


def document(folder: Path, name: str, samples: int, leaves: str):
    path = folder / f"{name}.tap"
    path.write_text(SPEC.format(samples=samples, leaves=leaves), encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return describe(found.planned, cost_plan(found.planned, language_rates(), {}), spec=str(path))


def shown(show, width: int) -> list[str]:
    out = io.StringIO()
    show(Console(file=out, width=width, theme=_THEME, markup=False, highlight=False, emoji=False))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [48, 60, 80, 100, 200])
def test_a_plan_fits_the_terminal_and_leads_with_what_matters(long_names, width):
    plan = long_names[1]
    lines = shown(lambda console: show_plan(console, plan, by=["学科", "language"]), width)
    assert max(map(cell_len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    before_the_table = text[: text.index(" step ")]
    for part in ("50 samples", "50 requests to send", "expected", "No budget is set"):
        assert part in before_the_table
    assert "at most" not in text
    total = next(line for line in lines if line.startswith("total"))
    assert sum(word.startswith("$") for word in total.split()) == 1
    worst = shown(lambda console: show_plan(console, plan, by=["学科", "language"], worst=True), width)
    assert max(map(cell_len, worst)) <= width
    assert "at most $" in " ".join(" ".join(worst).split())
    total = next(line for line in worst if line.startswith("total"))
    assert sum(word.startswith("$") for word in total.split()) == 2


def planned_document(path: Path, whole: tuple[str, ...] = ()):
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return describe(found.planned, cost_plan(found.planned, language_rates(), {}), spec=str(path), whole=whole)


def planned_lines(path: Path, *by: str) -> list[str]:
    plan = planned_document(path, by)
    return shown(lambda console: show_plan(console, plan, by=by), 100)


def test_mixes_drawn_per_candidate_have_a_line_with_the_deviation_of_the_set():
    lines = planned_lines(SPECS / "ultrafeedback.tap")
    at = next(n for n, line in enumerate(lines) if line.startswith("principle of completion: "))
    words = lines[at].split(": ")[1].replace(",", "").split()
    counts = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    exact = {"calibration": 80, "helpfulness": 2400, "honesty": 720, "truthfulness": 800}
    assert counts.keys() == exact.keys()
    worst = max(abs(counts[value] - n) for value, n in exact.items())
    assert lines[at + 1] == f"every count within {worst:.2f} of its exact share of 4,000 candidates"
    markdown = plan_markdown(planned_document(SPECS / "ultrafeedback.tap"))
    assert f"| helpfulness | {counts['helpfulness']:,} | 2,400.00 |" in markdown
    assert not any(" of completion: " in line for line in planned_lines(SPECS / "quickstart.tap"))


DRAWN = """tap 1

dataset d {{
  samples {samples}
  mix tone per candidate {{ warm {warm}, cold 1 }}
  endpoint w {{ model "sim", price free, n {n} }}
  endpoint v {{ model "sim", price free }}
  generate question {{ using 1 of [w, v], prompt "A {{{{ tone }}}} question" }}
  emit prompts {{ prompt question }}
}}
"""


@pytest.mark.parametrize(
    ("samples", "warm", "n", "line"),
    [
        (9, 2, 2, "tone of question: not counted, as its pool gives different numbers of candidates"),
        (
            50_000,
            65_520,
            1,
            "tone of question: 50,000 candidates, not counted over the set (`--by tone` does) every cell within one of its exact share",
        ),
        (9, 2, 1, "tone of question: warm 6  cold 3 every count within 0.00 of its exact share of 9 candidates"),
    ],
)
def test_draws_that_are_not_counted_say_so(tmp_path, samples, warm, n, line):
    path = tmp_path / "d.tap"
    path.write_text(DRAWN.format(samples=samples, warm=warm, n=n), encoding="utf-8")
    assert line in " ".join(planned_lines(path))


def test_by_counts_draws_however_many(tmp_path):
    path = tmp_path / "d.tap"
    path.write_text(DRAWN.format(samples=8_000, warm=65_520, n=1), encoding="utf-8")
    lines = planned_lines(path, "tone")
    head = next(n for n, line in enumerate(lines) if line.startswith("tone of question  candidates"))
    rows = [line.replace(",", "").split() for line in lines[head + 1 : head + 3]]
    assert [row[0] for row in rows] == ["warm", "cold"]
    assert sum(int(row[1]) for row in rows) == 8_000
    assert all(float(row[3]) == pytest.approx(int(row[1]) - float(row[2])) for row in rows)


@pytest.mark.parametrize("width", [48, 80, 100])
def test_a_difference_fits_the_terminal(long_names, width):
    folder = long_names[0]
    document(folder, "more", 90, LEAVES + ", 地理")
    sides = [load_side(w, settings={}, dataset=None) for w in find_sides([f"{folder}/long.tap", f"{folder}/more.tap"])]
    lines = shown(lambda console: show_diff(console, diff_document(*sides, folder / "no")), width)
    assert max(map(cell_len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert text.index("requests to pay for") < text.index("学科.地理 added")


def test_markdown_of_five_thousand_leaves_fits_and_shows_costs(tmp_path):
    leaves = ", ".join(f"b{b} {{ {', '.join(f'leaf_number_{b}_{n}' for n in range(100))} }}" for b in range(50))
    plan = document(tmp_path, "many", 10_000, leaves)
    assert len(plan.by["学科"]) == 5050
    for by in ([], ["学科"], ["language", "学科"]):
        text = plan_markdown(plan, by)
        assert len(text) < MAX_CHARACTERS
        assert text.count("<details") == text.count("</details>")
        assert "| value | samples | requests |" in text
    assert "The rest is left out" in plan_markdown(plan, ["学科"])
    assert json.loads(plan.model_dump_json(by_alias=True))["by"]["language"][0]["cost_usd"]["expected"] > 0
