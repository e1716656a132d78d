"""Why a job is not stored: each change of a spec is told as the part of the key that it changed, and as nothing else."""

from pathlib import Path

import pytest

from tapc.engine import Silent
from tapc.workspace.diff import earlier_plans
from tapc.workspace.plan.misses import Earlier, explain_jobs
from tapc.workspace.refused import Refused
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1
dataset d {
  samples 4
  seed 7
  mix tone { warm, cold }
  endpoint pen { model "sim-pen", price free, temperature 0.5 }
  endpoint ink { model "sim-ink", price free, temperature 0.5 }
  rubric plain { aspect clarity 1..5: "Is it clear?" }
  generate question {
    using pen
    messages { system "You ask questions.", user "Think of rivers.", assistant "I do.", user "Ask a {{ tone }} question about rivers." }
    max_tokens 200
  }
  generate answer {
    using [pen, ink]
    prompt "Answer: {{ question }}"
    returns { title text, body text }
    max_tokens 300
  }
  judge verdict { of answer, using ink, rubric plain }
  emit sft { from answer }
}
"""


HEAT = "max_tokens of answer changed, now 301"


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spec = folder / "d.tap"
        self.spec.write_text(SPEC, encoding="utf-8")

    def planned(self):
        counted = count_spec(check_spec(self.spec, settings={}, dataset=None))
        assert counted.planned is not None, counted.diagnostics
        return counted.planned

    def run(self, limit: int | None = None) -> None:
        options = RunOptions(out=self.folder / "out", store=self.folder / "store", limit=limit)
        run_plan(self.planned(), options, sources=(), environ={}, observer=Silent())

    def edit(self, old: str, new: str) -> None:
        text = self.spec.read_text("utf-8")
        assert old in text
        self.spec.write_text(text.replace(old, new), encoding="utf-8")

    def why(self, wanted: str = "0", earlier: tuple[Earlier, ...] = ()) -> dict[str, list[str]]:
        """What is said of each job that is not stored, by step and endpoint, without the line that names the reply."""
        found = explain_jobs(self.planned(), wanted, self.folder / "store", earlier)
        return {
            f"{one.step}@{one.endpoint}": [line for line in one.reasons if not line.startswith("the nearest")]
            for one in found
            if one.state != "stored"
        }


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store with the whole dataset, to be copied: nothing of it is changed by looking."""
    project = Project(tmp_path_factory.mktemp("filled"))
    project.run()
    return project.folder


@pytest.fixture
def project(filled, tmp_path):
    made = Project(tmp_path)
    (tmp_path / "store").symlink_to(filled / "store")
    return made


def test_nothing_is_said_of_what_is_stored(project):
    assert project.why() == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("You ask questions.", "You put questions.", {"question@pen": ["system of question changed"]}),
        (
            "Think of rivers.",
            "Think of lakes.",
            {"question@pen": ["message 2 of 4 (user) of question changed, or what it reads: tone"]},
        ),
        ('"I do."', '"So I do."', {"question@pen": ["assistant message of question changed, or what it reads: tone"]}),
        (
            "question about rivers",
            "question about a river",
            {"question@pen": ["message 4 of 4 (user) of question changed, or what it reads: tone"]},
        ),
        (
            'user "Think of rivers.", assistant "I do.", user',
            "user",
            {"question@pen": ["prompt of question changed, or what it reads: tone", "messages of question: 4 → 2"]},
        ),
        ("max_tokens 200", "max_tokens 201", {"question@pen": ["max_tokens of question changed, now 201"]}),
        ("max_tokens 200", "max_tokens 200, top_p 0.9", {"question@pen": ["top_p of question changed, now 0.9"]}),
        ("seed 7", "seed 8", {"question@pen": ["seed 7 → 8"]}),
        (
            'model "sim-pen"',
            'model "sim-quill"',
            {"question@pen": ["model sim-pen (sim) → sim-quill (sim)"]},
        ),
        (
            "body text",
            "body text, note text",
            {
                "answer@pen": ["form of the reply of answer changed"],
                "answer@ink": ["form of the reply of answer changed"],
            },
        ),
        (
            "max_tokens 300",
            "max_tokens 301",
            {"answer@pen": [HEAT], "answer@ink": [HEAT]},
        ),
    ],
)
def test_a_change_is_named_and_nothing_else(project, old, new, expected):
    project.edit(old, new)
    found = project.why()
    assert {place: found.get(place) for place in expected} == expected
    assert not {place for place in found if place.startswith("question")} - set(expected)


def test_a_new_member_of_a_pool_is_compared_with_the_one_it_replaced(project):
    """The other member's reply of the same draw differs no more; but it is still used as it is."""
    project.edit('model "sim-ink"', 'model "sim-blot"')
    assert project.why()["answer@ink"] == ["model sim-ink (sim) → sim-blot (sim)"]


def test_verdicts_are_found_among_those_about_other_texts(project):
    """All verdicts have the same draw; the rubric stands in the user message, before the text."""
    project.edit("rubric plain }", 'rubric plain, system "Judge." }')
    assert project.why() == {"verdict@ink": ["system of verdict changed"]}
    project.edit('rubric plain, system "Judge." }', "rubric plain }")
    project.edit("Is it clear?", "Is it quite clear?")
    assert project.why() == {"verdict@ink": ["rubric of verdict changed, or what it reads: answer"]}
    found = [one for one in explain_jobs(project.planned(), "0", project.folder / "store") if one.reasons]
    assert len(found) == 2, "one per answer"
    assert found[0].reasons[0].startswith("the nearest stored reply, which may be about another text, is ")


def test_two_changes_are_two_lines(project):
    project.edit("You ask questions.", "You put questions.")
    project.edit("seed 7", "seed 8")
    assert project.why() == {"question@pen": ["seed 7 → 8", "system of question changed"]}


def test_a_sample_that_was_never_made_has_no_other_reply(project):
    project.edit("samples 4", "samples 40")
    last = project.why("39")
    assert last == {
        "question@pen": [
            "the store has no other reply of the same draw (sample, candidate, attempt) whose parts are known"
        ]
    }


def test_a_revision_that_made_the_stored_reply_shows_the_values(project):
    before = project.planned()
    project.edit("max_tokens 200", "max_tokens 250, top_p 0.9")
    project.edit("You ask questions.", "You put questions.")
    key = {one.step: one.key for one in explain_jobs(before, "0", project.folder / "store")}["question"]
    assert project.why(earlier=(Earlier("first", before, named=False),)) == {
        "question@pen": [
            f"in first this sample's job is {key[:16]}, which is stored",
            "max_tokens 200 → 250",
            "top_p unset → 0.9",
            "system changed",
            "system differs from character 5 on: 'You ask questions.' then, 'You put questions.' now",
        ]
    }


def test_a_revision_that_was_not_run_is_only_told_where_it_was_named(project):
    project.edit("You ask questions.", "You put questions.")
    between = project.planned()
    project.edit("You put questions.", "You pose questions.")
    for named, count in ((False, 0), (True, 1)):
        said = project.why(earlier=(Earlier("between", between, named=named),))["question@pen"]
        assert sum("which is not stored either" in line for line in said) == count
        assert said[-1] == "system of question changed"
    assert "between has the same job, which is not stored either" not in said


def test_earlier_versions_of_the_store_do_not_say(project, tmp_path):
    assert project.why("0", ()) == {}
    project.edit("seed 7", "seed 9")
    with pytest.raises(Refused, match="no job of the first 4 samples has a key that begins with ffffff"):
        project.why("ffffff")
    with pytest.raises(Refused, match="there is no sample 4; ranks go from 0 to 3"):
        project.why("4")
    with pytest.raises(Refused, match="neither a rank nor the beginning of a key"):
        project.why("xyz")
    assert list(earlier_plans(project.spec, None, settings={}, dataset=None)) == []


def test_another_text_of_a_step_is_proved_by_its_earlier_reply(project, tmp_path):
    """The question was asked again, in a spec without the answer; nothing but its text keeps the answers away."""
    (tmp_path / "store").unlink()
    project.run()
    project.edit("You ask questions.", "You put questions.")
    whole = project.spec.read_text("utf-8")
    start, end = whole.index("  generate answer"), whole.index("  emit")
    project.edit(whole[start:end], "")
    project.edit("emit sft { from answer }", "emit sft { from question }")
    project.run()
    project.spec.write_text(whole, encoding="utf-8")
    told = ["text of question changed: with its earlier reply this is that job"]
    assert project.why() == {"answer@pen": told, "answer@ink": told}
    project.edit("max_tokens 300", "max_tokens 310")
    told = ["max_tokens of answer changed, now 310", "prompt of answer changed, or what it reads: question"]
    assert project.why() == {"answer@pen": told, "answer@ink": told}


def test_a_revision_says_in_words_of_the_spec_what_changed(project):
    before = project.planned()
    project.edit("Is it clear?", "Is it quite clear?")
    project.edit("temperature 0.5 }\n  rubric", "temperature 0.25 }\n  rubric")
    found = project.why(earlier=(Earlier("first", before, named=True),))
    assert found["answer@ink"][1:] == ["temperature 0.5 → 0.25"]
    assert "answer@pen" not in found
    project.edit("temperature 0.25", "temperature 0.5")
    found = project.why(earlier=(Earlier("first", before, named=True),))
    assert [line.partition(" from character")[0] for line in found["verdict@ink"][1:]] == [
        "rubric plain changed",
        "prompt differs",
    ]
