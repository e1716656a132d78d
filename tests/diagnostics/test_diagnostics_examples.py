"""Every rule has a bad example that raises it, rendered in a golden file, and a good one that raises nothing.

A bad example is `grammar/examples/bad/CODE-name.tap` and begins with `// expect: CODE` (several codes are separated by
blanks); the good one has the same name under `good/`. Write the golden files anew with TAPC_UPDATE_GOLDEN=1.
A range joins the test of completeness by its name in COMPLETE.
"""

import io
import os
from importlib import import_module
from pathlib import Path

import pytest
from rich.console import Console

from tapc.diagnostics import in_order, rule, rules
from tapc.source import bundled_dir
from tapc.syntax import decode_source, parse
from tapc.ui.console import _THEME
from tapc.ui.diagnostics import show_findings

EXAMPLES = bundled_dir("grammar") / "examples"
GOLDEN = Path(__file__).parent.parent / "golden" / "diagnostics"
COMPLETE = ("syntax", "names", "space", "templates", "steps", "budget", "data", "lint")
NO_EXAMPLE = {
    "TAP024",  # raised only by a bug in the formatter
    "TAP124",  # 65 files that import one another
    "TAP130",
    "TAP131",
    "TAP143",  # about options of the command line
    "TAP453",  # a plan or a run finds it
    "TAP713",  # a hub answers, or not
    "TAP719",  # a link that leads out of the folder would lead out of the repository
    "TAP720",
    "TAP721",
    "TAP722",
    "TAP723",
    "TAP724",
    "TAP725",  # about what `tapc import` reads, which is no spec
    "TAP714",  # the packages are installed here
}

BAD = sorted(path.stem for path in (EXAMPLES / "bad").glob("*.tap"))
GOOD = sorted(path.stem for path in (EXAMPLES / "good").glob("*.tap"))


def findings(path):
    if path.name.startswith("TAP0"):
        file, found = decode_source(path.as_posix(), path.read_bytes())
        return in_order([*found, *(parse(file)[1] if file else [])])
    from tapc.workspace.check.counts import check_counts

    return in_order(check_counts(path, settings={}, dataset=None))


def rendered(found):
    out = io.StringIO()
    show_findings(Console(file=out, theme=_THEME, width=100, color_system=None, highlight=False, markup=False), found)
    return out.getvalue()


@pytest.mark.parametrize("name", BAD)
def test_bad_examples_raise_what_they_name_and_nothing_else(name, monkeypatch):
    monkeypatch.chdir(EXAMPLES)
    path = Path("bad") / f"{name}.tap"
    first = path.read_bytes().split(b"\n")[0].decode()
    assert first.startswith("// expect: ")
    expected = first.removeprefix("// expect: ").split()
    assert name.split("-")[0] in expected
    assert name == f"{expected[0]}-{rule(expected[0]).name}" or name.startswith(expected[0])
    found = findings(path)
    if "TAP023" not in expected:
        assert {d.code for d in found} == set(expected)
    assert set(expected) <= {d.code for d in found}
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("TAPC_UPDATE_GOLDEN"):
        golden.write_text(rendered(found), encoding="utf-8")
    assert rendered(found) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOOD)
def test_good_examples_raise_nothing(name, monkeypatch):
    monkeypatch.chdir(EXAMPLES)
    assert [one for one in findings(Path("good") / f"{name}.tap") if one.allowed is None] == []


def test_every_bad_example_has_a_good_one():
    assert set(BAD) <= set(GOOD)


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(BAD)


@pytest.mark.parametrize("name", COMPLETE)
def test_every_rule_of_a_complete_range_has_examples(name):
    shown = {stem.split("-")[0] for stem in BAD}
    codes = {item.code for item in import_module(f"tapc.diagnostics.catalog.{name}").RULES}
    assert codes - shown - NO_EXAMPLE == set()


def test_rules_are_described():
    for item in rules().values():
        assert item.summary.endswith(".")
        assert len(item.explanation) > 40
        assert item.name == item.name.lower()
        assert item.severity in {"error", "warning"}
    names = [item.name for item in rules().values()]
    assert len(names) == len(set(names))
