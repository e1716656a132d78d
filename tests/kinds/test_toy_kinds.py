"""A step, a check and an emit that a test makes up go the whole way, by being registered and by nothing else."""

import json

import pytest
import toy

from tapc.engine import Silent
from tapc.frontend import compile_spec
from tapc.frontend.reference import reference
from tapc.frontend.show import show
from tapc.ir import Dataset, canonical_json, digest
from tapc.lint import lint_dataset
from tapc.plan import Rates, cost_plan, find_differences, plan_dataset
from tapc.source import DiskLoader
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions

SPEC = """tap 1
dataset d {
  samples 8
  mix subject { stars, ships }
  endpoint writer { model "sim", price free }
  generate answer { using writer, each 2, prompt "Say something of {{ subject }}." }
  remark note { for answer, using writer, about "style", require ends "." }
  generate better { using writer, for note, prompt "Say it better: {{ note }}" }
  emit remarks { from note, tag "a" }
  emit sft talks { from note }
  emit records
}
"""


def compiled(folder, text=SPEC, registry=toy.REGISTRY):
    (folder / "d.tap").write_text(text)
    return compile_spec(folder / "d.tap", DiskLoader(), registry=registry)


def messages(found):
    return [d.message for d in found.diagnostics if d.severity == "error"]


@pytest.fixture
def found(tmp_path):
    made = compiled(tmp_path)
    assert messages(made) == []
    assert [one for part in made.parts for one in lint_dataset(part)] == []
    return made


def test_it_is_unknown_without_being_registered(tmp_path):
    from tapc.kinds.declared import REGISTRY

    assert any("unknown statement `remark`" in one for one in messages(compiled(tmp_path, registry=REGISTRY)))


def test_it_is_lowered_to_its_own_models(found):
    step, emit = found.dataset.step("note"), next(e for e in found.dataset.emits if e.kind == "remarks")
    assert isinstance(step, toy.Remark) and (step.of, step.about) == ("answer", "style")
    assert isinstance(step.require[0], toy.EndsCheck) and step.require[0].ending == "."
    assert isinstance(emit, toy.RemarksEmit) and emit.tag == "a"


def test_show_writes_what_is_read_as_the_same(found, tmp_path):
    again = compiled(tmp_path, "\n".join(line.text for line in show(found)) + "\n")
    assert messages(again) == []
    assert again.dataset == found.dataset and digest(again.dataset) == digest(found.dataset)


@pytest.mark.parametrize(
    ("old", "new"), [('about "style"', ""), ('ends "."', 'ends "!"'), ('tag "a"', 'tag "b"'), (', tag "a"', "")]
)
def test_its_fields_tell_two_datasets_apart(found, tmp_path, old, new):
    other = compiled(tmp_path, SPEC.replace(old, new))
    assert messages(other) == []
    assert digest(other.dataset) != digest(found.dataset)
    assert find_differences(found.dataset, other.dataset, toy.REGISTRY)


def test_a_dataset_comes_back_from_json(found):
    again = Dataset.model_validate_json(canonical_json(found.dataset), context=toy.REGISTRY.models)
    assert again == found.dataset and isinstance(again.step("note"), toy.Remark)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("for answer,", "for nothing,", "there is no step with candidates `nothing`"),
        ('ends "."', "ends 3", 'write `require ends "text"`'),
        ("from note", "from answer", "`emit remarks` reads a remark; `answer` is a generate"),
        ("emit records", 'emit sft { from answer, tag "x" }', "`tag` is for `emit remarks`"),
    ],
)
def test_what_is_wrong_is_told_as_of_any_kind(tmp_path, old, new, said):
    assert said in messages(compiled(tmp_path, SPEC.replace(old, new)))


def test_the_reference_has_it():
    text = reference(toy.REGISTRY)
    assert "### remark" in text and 'ends "text"' in text and "`tag`" in text and "`remarks`" in text


def run(found, folder, out="out", kinds=toy.PROGRAMS, **options):
    planned = plan_dataset(found.dataset, kinds=kinds)
    given = RunOptions(out=folder / out, store=folder / "store", **options)
    report = run_plan(planned, given, sources=(), environ={}, observer=Silent())
    rows = {}
    for entry in report.manifest.files:
        lines = (report.folder / entry.path).read_text().splitlines()
        rows.setdefault(entry.path.split("/")[1], []).extend(map(json.loads, lines))
    return report, rows


def test_it_is_estimated(found):
    costs = cost_plan(plan_dataset(found.dataset, kinds=toy.PROGRAMS), Rates({"en": 0.2}), {})
    assert {cost.recipe.step: cost.jobs for cost in costs} == {"answer": 16, "note": 16, "better": 16}


def test_it_runs_on_the_simulated_endpoint_and_its_rows_are_written(found, tmp_path):
    report, rows = run(found, tmp_path)
    turned_down = [row for row in rows["rejects"] if (row["step"], row["reason"]) == ("note", "ending")]
    assert report.manifest.samples.accepted == 8 and len(rows["remarks"]) + len(turned_down) == 16
    assert {row["tag"] for row in rows["remarks"]} == {"a"}
    assert all(row["remark"].endswith(".") and row["text"] for row in rows["remarks"])
    made = [one for row in rows["records"] for one in row["candidates"]]
    better = [one["prompt"][0]["content"] for one in made if one["step"] == "better"]
    assert sorted(better) == sorted(f"Say it better: {row['remark']}" for row in rows["remarks"])
    assert 'config_name: "remarks"' in (report.folder / "README.md").read_text()
    assert run(found, tmp_path, "again", offline=True)[0].manifest.rows_digest == report.manifest.rows_digest


def test_its_check_turns_down(tmp_path):
    _, rows = run(compiled(tmp_path, SPEC.replace('ends "."', 'ends "?!"')), tmp_path)
    assert rows.keys() == {"rejects"}
    assert {(row["step"], row["reason"]) for row in rows["rejects"]} == {("note", "ending")}
