"""Edits of an input file cost the rows that were edited: runs on simulated endpoints, every request counted."""

import json
import sqlite3

import pytest
from called import Called
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SPEC = """tap 1

dataset d {{
  samples {samples}
  {mixes}
  endpoint writer {{ model "sim", price {{ input $1/M, output $2/M }} }}
  input rows {{ file "rows.jsonl", field text{more} }}
  generate question {{ using writer, prompt "Say it again: {{{{ rows }}}}" }}
  generate answer {{ using writer, prompt "{cell}{{{{ question }}}}" }}
  emit sft {{ from question }}
  emit sft answers {{ from answer }}
}}
"""
MIXES = "mix level { easy, hard }\n  mix tone { calm 50%, warm 30%, dry }"
CELL = "{{ level }}, {{ tone }}: "
STEPS = 2


class Edited:
    """A dataset whose input and spec are edited between runs; `run` returns how many requests a run sends."""

    def __init__(self, folder, *, cells=False, more=""):
        self.tapc = Called(folder)
        self.folder = folder
        self.fixed = {"mixes": MIXES if cells else "", "cell": CELL if cells else "", "more": more}

    def run(self, samples, rows, *options, code=0):
        lines = [json.dumps(row if isinstance(row, dict) else {"text": row}) for row in rows]
        (self.folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (self.folder / "d.tap").write_text(SPEC.format(samples=samples, **self.fixed), encoding="utf-8")
        before = self.stored()
        self.tapc("run", "d.tap", "--yes", "-q", *options, code=code)
        return self.stored() - before

    def stored(self):
        path = self.folder / ".tapc" / "store.db"
        if not path.exists():
            return 0
        with sqlite3.connect(path) as store:
            return store.execute("SELECT count(*) FROM replies").fetchone()[0]

    def written(self):
        """The row of the input by slot."""
        text = (self.folder / "out" / "d" / "data" / "sft" / "train-00000-of-00001.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        found = {row["provenance"]["slot"]: row["messages"][0]["content"].split(": ")[1] for row in rows}
        assert len(found) == len(rows), "no two samples have the same identity"
        return found


def texts(count, name="row"):
    return [f"{name} number {n} of the file" for n in range(count)]


@pytest.fixture
def edited(tmp_path):
    return Edited(tmp_path)


def test_a_row_that_is_deleted_costs_the_row_that_comes_instead(edited):
    rows = texts(60)
    assert edited.run(40, rows) == 40 * STEPS
    used = set(edited.written().values())
    costs = []
    for n in range(0, 60, 4):
        costs.append(edited.run(40, rows[:n] + rows[n + 1 :]))
        assert len(used & set(edited.written().values())) == 40 - (rows[n] in used)
    assert set(costs) <= {0, STEPS}
    # The first row that was not used comes instead of any other one, and is paid for once.
    assert sum(costs) == STEPS
    assert edited.run(40, rows[::-1]) == 0


def test_an_input_that_is_raised_sends_the_new_rows_and_nothing_once_it_is_locked(edited):
    rows = texts(60)
    for cells in (False, True):
        name = "cells" if cells else "plain"
        one = Edited(edited.folder / name, cells=cells)
        one.folder.mkdir()
        assert one.run(40, rows) == 40 * STEPS
        first = one.written()
        assert one.run(55, rows) == 15 * STEPS
        raised = one.written()
        assert first.items() <= raised.items()
        assert one.run(55, rows) == 0
        assert one.run(40, rows) == 0
        assert one.written() == first
        assert one.run(55, rows) == 0
        assert one.written() == raised


def test_all_rows_cost_those_that_are_new(edited):
    assert edited.run("all", texts(20)) == 20 * STEPS
    assert edited.run("all", texts(20) + texts(3, "more")) == 3 * STEPS
    assert edited.run("all", texts(20)[4:] + texts(3, "more")) == 0
    assert edited.run("all", [*texts(20), texts(20)[7]]) == STEPS, "a copy is a sample of its own"
    assert edited.run("all", [texts(20)[7], *texts(20)]) == 0


def test_columns_that_no_prompt_shows_cost_nothing(tmp_path):
    rows = texts(12)
    assert Edited(tmp_path).run(8, rows) == 8 * STEPS
    more = Edited(tmp_path, more=", columns { gold gold }")
    assert more.run(8, [{"text": row, "gold": n} for n, row in enumerate(rows)]) == 0
    assert more.run(8, [{"text": row, "gold": n * n} for n, row in enumerate(rows)]) == 0


EDIT = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, 99)),
    st.tuples(st.just("insert"), st.integers(0, 99)),
    st.tuples(st.just("copy"), st.integers(0, 99)),
    st.tuples(st.just("edit"), st.integers(0, 99)),
    st.tuples(st.just("shuffle"), st.integers(0, 99)),
    st.tuples(st.just("samples"), st.integers(4, 14)),
)


def applied(edit, rows, samples, number):
    """The rows and the samples after an edit."""
    what, at = edit
    place = at % len(rows)
    if what == "delete" and len(rows) > samples:
        rows = rows[:place] + rows[place + 1 :]
    elif what == "insert":
        rows = [*rows[:place], f"new {number}", *rows[place:]]
    elif what == "copy":
        rows = [*rows[:place], rows[place], *rows[place:]]
    elif what == "edit":
        rows = [*rows[:place], f"edited {number}", *rows[place + 1 :]]
    elif what == "shuffle":
        rows = rows[place:][::-1] + rows[:place]
    elif what == "samples":
        samples = min(at, len(rows))
    return rows, samples


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EDIT, min_size=1, max_size=5))
def test_every_edit_costs_the_rows_that_no_earlier_run_used_and_editing_back_costs_nothing(tmp_path_factory, edits):
    """What is asked is a set of (text, number among equal ones): those that a run uses and no run before has used."""
    one = Edited(tmp_path_factory.mktemp("edits"))
    rows, samples = texts(16), 8
    versions, paid, seen = [(rows, samples)], set(), []
    for number, edit in enumerate(edits):
        versions.append(applied(edit, *versions[-1], number))
    for rows, samples in versions:
        sent = one.run(samples, rows)
        used = one.written()
        assert len(used) == samples
        assert sent == STEPS * len(used.keys() - paid)
        paid |= used.keys()
        seen.append(used)
    assert one.run(samples, rows) == 0
    for (rows, samples), used in zip(versions[::-1], seen[::-1], strict=True):
        assert one.run(samples, rows) == 0
        assert one.written() == used
    for (before, size), (after, other), first, second in zip(versions, versions[1:], seen, seen[1:], strict=False):
        gone = sum(1 for row in before if row not in after) + sum(1 for row in after if row not in before)
        assert len(second.keys() - first.keys()) <= gone + max(0, other - size) + abs(len(after) - len(before))


def test_cells_in_a_prompt_cost_the_rows_that_move(tmp_path):
    one = Edited(tmp_path, cells=True)
    rows = texts(60)
    assert one.run(40, rows) == 40 * STEPS
    costs = []
    for gone in sorted(one.written().values())[::5]:
        costs.append(one.run(40, [row for row in rows if row != gone]))
        assert one.run(40, rows) == 0
    # The row that comes instead is asked for twice, the first time; others once where they are in another cell.
    assert sum(costs) / len(costs) < 4
    assert max(costs) <= STEPS + 6


TWO = """tap 1

dataset d {{
  samples 12
  endpoint writer {{ model "sim", price {{ input $1/M, output $2/M }} }}
  {inputs}
  generate question {{ using writer, prompt "Say it again: {{{{ rows }}}}" }}
  generate answer {{ using writer, prompt "{{{{ question }}}} {{{{ more }}}}" }}
  emit sft {{ from question }}
  emit sft answers {{ from answer }}
}}
"""
INPUTS = ['input rows { file "rows.jsonl", field text }', 'input more { file "more.jsonl", field text }']


class Two(Edited):
    """A dataset with two inputs."""

    def run(self, rows, more, inputs=INPUTS):
        for name, lines in (("rows", rows), ("more", more)):
            text = "".join(json.dumps({"text": line}) + "\n" for line in lines)
            (self.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        (self.folder / "d.tap").write_text(TWO.format(inputs="\n  ".join(inputs)), encoding="utf-8")
        before = self.stored()
        self.tapc("run", "d.tap", "--yes", "-q")
        return self.stored() - before


def test_samples_are_drawn_as_the_rows_of_the_input_that_is_declared_first(tmp_path):
    two = Two(tmp_path)
    rows, more = texts(20), texts(20, "more")
    assert two.run(rows, more) == 12 * STEPS
    slots = two.written()
    for n in range(20):  # rows of the further input enter prompts only, and few of them move
        assert two.run(rows, more[:n] + more[n + 1 :]) <= 5
        assert two.written() == slots
    assert two.run(rows, more) == 0
    (tmp_path / "before.tap").write_bytes((tmp_path / "d.tap").read_bytes())
    shown = two.tapc("show", "d.tap").stdout
    assert two.run(rows, more, INPUTS[::-1]) == 12 * STEPS
    assert two.written().keys().isdisjoint(slots)
    diff = json.loads(two.tapc("diff", "before.tap", "d.tap", "--format", "json").stdout)
    assert (diff["severity"], diff["slots"]["kept"]) == ("regenerate", 0)
    assert [change["field"] for change in diff["changes"]] == ["first input"]
    assert two.tapc("show", "d.tap").stdout != shown
    (tmp_path / "d.tap").write_text(shown, encoding="utf-8")
    assert json.loads(two.tapc("diff", "before.tap", "d.tap", "--format", "json").stdout)["changes"] == []


def test_a_diff_counts_the_rows_that_stay(edited):
    rows = texts(30)
    edited.run(20, rows)
    used = sorted(edited.written().values())
    before = edited.folder / "before"
    before.mkdir()
    for name in ("d.tap", "rows.jsonl"):
        (before / name).write_bytes((edited.folder / name).read_bytes())
    lines = [json.dumps({"text": row}) for row in rows if row not in used[:3]]
    (edited.folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    diff = json.loads(edited.tapc("diff", "before/d.tap", "d.tap", "--format", "json").stdout)
    assert diff["slots"] == {"before": 20, "after": 20, "kept": 17, "added": 3, "dropped": 3}
    assert diff["severity"] == "extend"
