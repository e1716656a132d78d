"""`tapc diff` and `plan --against` on real git repositories."""

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from driving import Tapc

from tapc.workspace.diff import diff_document, find_sides, load_side
from tapc.workspace.schemas import document_schema

MODULE = """tap 1

endpoint referee { model "sim-judge", price { input $0.25/M, output $1.00/M }, temperature 0 }
"""


def git(folder: Path, *arguments: str) -> str:
    environment = os.environ | {
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def repository(tapc: Tapc, quickstart: Path) -> Path:
    git(tapc.folder, "init", "-q", "-b", "main")
    git(tapc.folder, "add", "quickstart.tap")
    git(tapc.folder, "commit", "-qm", "first")
    return quickstart


def edit(spec: Path, *changes: tuple[str, str]) -> None:
    text = spec.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    spec.write_text(text, encoding="utf-8")


def difference(tapc: Tapc, *arguments: str) -> dict[str, Any]:
    """What `tapc diff --format json` prints, without the start of a process; git is a process of its own."""
    with contextlib.chdir(tapc.folder):
        sides = [load_side(where, settings={}, dataset=None) for where in find_sides(arguments)]
        document = json.loads(diff_document(*sides, Path(".tapc")).model_dump_json(by_alias=True))
    jsonschema.validate(document, document_schema("diff"))
    return document


def head_to_now(tapc: Tapc) -> dict[str, Any]:
    return difference(tapc, "HEAD:quickstart.tap", "quickstart.tap")


def by_step(document: dict[str, Any]) -> dict[str, tuple[str, int, int]]:
    return {f"{s['name']}@{s['endpoint']}": (s["severity"], s["reused"], s["to_pay"]) for s in document["steps"]}


def test_layout_and_comments_are_no_change(tapc: Tapc, repository: Path) -> None:
    text = repository.read_text(encoding="utf-8")
    repository.write_text(text.replace("tap 1\n", "tap 1\n// more to say\n\n\n", 1), encoding="utf-8")
    found = head_to_now(tapc)
    assert found["severity"] == "none"
    assert found["changes"] == []
    assert found["before"]["digest"] == found["after"]["digest"]
    assert found["total"]["to_pay"] == 0


def test_a_price_is_a_setting(tapc: Tapc, repository: Path) -> None:
    edit(repository, ("input $0.05/M", "input $0.06/M"))
    found = head_to_now(tapc)
    assert found["severity"] == "settings"
    assert [(c["what"], c["field"]) for c in found["changes"]] == [("endpoint novice", "price.input")]
    assert found["total"]["to_pay"] == 0


def test_a_renamed_step_is_a_setting(tapc: Tapc, repository: Path) -> None:
    text = repository.read_text(encoding="utf-8")
    # names only: `question` also stands in prose
    text = re.sub(r"generate question\b", "generate asked", text)
    text = re.sub(r"\{\{ *question *\}\}", "{{ asked }}", text)
    text = re.sub(r"\(question\)", "(asked)", text)
    repository.write_text(text, encoding="utf-8")
    found = head_to_now(tapc)
    assert found["severity"] == "settings", found["changes"]
    assert ("generate question", "name") in [(c["what"], c["field"]) for c in found["changes"]]
    assert found["total"]["to_pay"] == 0


def test_a_margin_is_a_filter(tapc: Tapc, repository: Path) -> None:
    text = repository.read_text(encoding="utf-8")
    changed = re.sub(r"margin >= 0.25", "margin >= 1", text)
    assert changed != text
    repository.write_text(changed, encoding="utf-8")
    found = head_to_now(tapc)
    assert found["severity"] == "refilter"
    assert found["total"]["to_pay"] == 0


def test_more_samples_extend(tapc: Tapc, repository: Path) -> None:
    edit(repository, ("samples 60", "samples 90"))
    found = head_to_now(tapc)
    slots = found["slots"]
    assert found["severity"] == "extend"
    assert (slots["before"], slots["after"]) == (60, 90)
    assert slots["kept"] + slots["added"] == 90
    assert slots["kept"] + slots["dropped"] == 60
    assert slots["dropped"] <= 4
    for rows in found["axes"].values():
        for row in rows:
            assert row["kept"] + row["added"] == row["after"]
            assert row["kept"] + row["dropped"] == row["before"]
    assert by_step(found)["question@writer"] == ("extend", slots["kept"], slots["added"])
    assert all(s["severity"] == "extend" for s in found["steps"])


def test_a_new_leaf_extends(tapc: Tapc, repository: Path) -> None:
    edit(repository, ('mechanics "Mechanics"', 'optics "Optics": "light"\n      mechanics "Mechanics"'))
    found = head_to_now(tapc)
    assert found["severity"] == "extend"
    optics = next(r for r in found["axes"]["topic"] if r["name"] == "physics.optics")
    assert (optics["before"], optics["kept"], optics["dropped"]) == (0, 0, 0)
    assert optics["added"] == optics["after"] > 0


def test_a_model_regenerates_its_step_and_what_depends_on_it(tapc: Tapc, repository: Path) -> None:
    edit(repository, ('model "sim-small"', 'model "sim-tiny"'))
    found = head_to_now(tapc)
    steps = by_step(found)
    assert found["severity"] == "regenerate"
    assert steps["question@writer"] == ("none", 60, 0)
    assert steps["answer@tutor"][1:] == (120, 0)
    assert steps["answer@novice"] == ("regenerate", 0, 120)
    assert steps["verdict@referee"] == ("regenerate", 120, 120)


def test_a_definition_regenerates_only_its_leaf(tapc: Tapc, repository: Path) -> None:
    edit(repository, ('"populations, food webs and ecosystems"', '"food webs"'))
    found = head_to_now(tapc)
    ecology = next(r["after"] for r in found["axes"]["topic"] if r["name"] == "biology.ecology")
    assert found["severity"] == "regenerate"
    assert by_step(found)["question@writer"] == ("regenerate", 60 - ecology, ecology)


def test_what_is_to_pay_is_what_the_run_sends(tapc: Tapc, repository: Path) -> None:
    tapc("run", "quickstart.tap")
    assert head_to_now(tapc)["total"]["stored"] == 540
    edit(repository, ("samples 60", "samples 75"))
    found = head_to_now(tapc)
    first = {s["name"]: s["to_pay"] for s in found["steps"] if s["name"] == "question"}
    assert first["question"] == found["slots"]["added"]
    report = tapc.run("quickstart.tap")
    interval = found["forecast"]["requests"]
    assert interval["low"] <= found["total"]["to_pay"] <= interval["high"]
    assert interval["low"] <= report["requests"]["sent"] <= interval["high"]
    assert head_to_now(tapc)["total"]["to_pay"] == 0


def test_imports_come_from_the_same_revision_and_the_work_tree_stays(tapc: Tapc, repository: Path) -> None:
    text = repository.read_text(encoding="utf-8")
    start = text.index("endpoint referee {")
    end = text.index("}", text.index("temperature", start)) + 1
    shared = tapc.folder / "shared"
    shared.mkdir()
    (shared / "judges.tap").write_text(MODULE, encoding="utf-8")
    body = text[:start].rstrip() + "\n\n  endpoint referee = judges.referee\n" + text[end:]
    spec = tapc.folder / "moved.tap"
    spec.write_text(body.replace("tap 1\n", 'tap 1\n\nimport "shared/judges.tap" as judges\n', 1), encoding="utf-8")
    tapc("check", "moved.tap")
    git(tapc.folder, "add", ".")
    git(tapc.folder, "commit", "-qm", "with a module")
    (shared / "judges.tap").write_text(MODULE.replace("sim-judge", "sim-strict"), encoding="utf-8")
    git(tapc.folder, "commit", "-qam", "another judge")
    status = git(tapc.folder, "status", "--porcelain")
    (shared / "judges.tap").unlink()
    found = difference(tapc, "HEAD~1", "HEAD", "moved.tap")
    assert [(c["what"], c["field"], c["severity"]) for c in found["changes"]] == [
        ("endpoint referee", "model", "regenerate")
    ]
    assert by_step(found)["verdict@referee"] == ("regenerate", 0, 240)
    (shared / "judges.tap").write_text(MODULE.replace("sim-judge", "sim-strict"), encoding="utf-8")
    assert git(tapc.folder, "status", "--porcelain") == status


def test_the_lock_comes_from_the_revision_too(tapc: Tapc, repository: Path) -> None:
    tapc("plan", "quickstart.tap", "--lock")
    git(tapc.folder, "add", ".")
    git(tapc.folder, "commit", "-qm", "locked")
    edit(repository, ("samples 60", "samples 90"))
    found = head_to_now(tapc)
    assert found["slots"]["dropped"] <= 2
    (tapc.folder / "quickstart.tap.lock").unlink()
    assert difference(tapc, "HEAD", "HEAD", "quickstart.tap")["severity"] == "none"


def test_paths_count_from_the_top_as_in_git(tapc: Tapc, repository: Path) -> None:
    below = tapc.folder / "below"
    below.mkdir()
    elsewhere = Tapc(below)
    assert difference(elsewhere, "HEAD:quickstart.tap", "../quickstart.tap")["severity"] == "none"
    assert difference(elsewhere, "HEAD", "HEAD", "../quickstart.tap")["severity"] == "none"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nowhere:quickstart.tap", "quickstart.tap"), "TAP872"),
        (("--", "-x:quickstart.tap", "quickstart.tap"), "TAP872"),
        (("HEAD", "quickstart.tap"), "TAP873"),
        (("HEAD", "HEAD", "../outside.tap"), "TAP871"),
    ],
)
def test_what_cannot_be_compared_says_why(tapc: Tapc, repository: Path, arguments: tuple[str, ...], code: str) -> None:
    assert code in tapc("diff", *arguments, code=2).stderr


def test_without_git_or_repository(tapc: Tapc, quickstart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "TAP871" in tapc("diff", "HEAD:quickstart.tap", "quickstart.tap", code=2).stderr
    copy = quickstart.with_name("copy.tap")
    copy.write_bytes(quickstart.read_bytes())
    assert difference(tapc, "copy.tap", "quickstart.tap")["severity"] == "none"


def test_a_wrong_spec_in_a_revision_is_shown(tapc: Tapc, repository: Path) -> None:
    edit(repository, ("samples 60", "samples sixty"))
    git(tapc.folder, "commit", "-qam", "broken")
    edit(repository, ("samples sixty", "samples 60"))
    message = tapc("diff", "HEAD:quickstart.tap", "quickstart.tap", code=1).stderr
    assert message.startswith("HEAD:quickstart.tap:")
    assert "TAP" in message
    assert "TAP" in tapc("diff", "HEAD:missing.tap", "quickstart.tap", code=1).stderr


def test_markdown_and_table_say_the_same(tapc: Tapc, repository: Path) -> None:
    edit(repository, ("samples 60", "samples 90"))
    markdown = tapc("diff", "HEAD:quickstart.tap", "quickstart.tap", "--format", "markdown").stdout
    table = tapc("diff", "HEAD:quickstart.tap", "quickstart.tap").stdout
    for text in (markdown, table):
        assert "extend" in text
        assert "60 → 90" in text
    assert all(len(line) <= 100 for line in table.splitlines())
    assert markdown.count("<details") == markdown.count("</details>")


def test_why_finds_the_stored_job_in_the_history_of_the_spec(tapc: Tapc, repository: Path) -> None:
    tapc("run", "quickstart.tap", "--limit", "2", "-q")
    edit(repository, ("You write exam questions", "You write test questions"))
    git(tapc.folder, "commit", "-qam", "another word")
    first = git(tapc.folder, "rev-parse", "--short", "HEAD~1").strip()
    shown = tapc("plan", "quickstart.tap", "--why", "0").stdout
    assert f"in {first} this sample's job is" in shown
    assert "which is stored" in shown
    assert "system differs from character 11 on" in shown
    against = tapc("plan", "quickstart.tap", "--why", "0", "--against", "HEAD").stdout
    assert "HEAD has the same job, which is not stored either" in against


def test_plan_against_a_revision(tapc: Tapc, repository: Path) -> None:
    edit(repository, ("samples 60", "samples 90"))
    found = json.loads(tapc("plan", "quickstart.tap", "--against", "HEAD", "--format", "json").stdout)
    assert found["schema"] == "tapc.diff/1"
    assert found["severity"] == "extend"
    assert "TAP872" in tapc("plan", "quickstart.tap", "--against", "nowhere", code=2).stderr
