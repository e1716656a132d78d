"""Everything a spec of a git revision names comes from that revision: tables, rows, benchmark texts, programs."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tapc.workspace.diff import Unplannable, diff_document, find_sides, load_side

SPEC = """tap 1

dataset x {
  samples 8
  taxonomy topic from "topics.csv" { columns { id id, parent parent, title name } }
  mix language { en, de }
  mix persona from "personas.jsonl" { columns { name id, definition text } }
  input row { file "data/{{ language.tag }}.jsonl", field q }
  endpoint w { model "sim-w" }
  generate answer {
    using w
    prompt "{{ row }} {{ topic }} {{ persona.definition }}"
    require clean_of "bench/**/*.txt"
    require run ["python3", "check.py"]
  }
  emit sft { from answer }
}
"""


def git(folder: Path, *arguments: str) -> None:
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | names | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def rows(word: str) -> str:
    return "".join(json.dumps({"q": f"{word} {n}"}) + "\n" for n in range(6))


@pytest.fixture(scope="module")
def committed(tmp_path_factory) -> Path:
    """A repository with two commits; the second one changes one line of every data file."""
    folder = tmp_path_factory.mktemp("committed")
    specs = folder / "specs"
    for name, text in {
        "x.tap": SPEC,
        "topics.csv": "id,parent,name\na,,Alpha\nb,,Beta\n",
        "personas.jsonl": '{"id": "old", "text": "an old person"}\n{"id": "young", "text": "a child"}\n',
        "data/en.jsonl": rows("why"),
        "data/de.jsonl": rows("warum"),
        "bench/deep/one.txt": "a sentence of a benchmark that nobody should copy into a data set\n",
        "check.py": "print(1)\n",
    }.items():
        place = specs / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def folder(committed, tmp_path) -> Path:
    place = tmp_path / "repository"
    shutil.copytree(committed, place, symlinks=True)
    return place


def compare(folder: Path, *arguments: str):
    with contextlib.chdir(folder):
        sides = [load_side(where, settings={}, dataset=None) for where in find_sides(arguments)]
        return diff_document(*sides, Path("no-store"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    place = folder / "specs" / name
    text = place.read_text(encoding="utf-8")
    assert old in text
    place.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "severity"),
    [
        ("topics.csv", "Alpha", "Alef", "regenerate"),
        ("personas.jsonl", "a child", "a pupil", "regenerate"),
        ("data/en.jsonl", "why 3", "how 3", "extend"),  # another row: the sample of the old one is dropped
        ("bench/deep/one.txt", "nobody", "no one", "refilter"),
        ("check.py", "1", "2", "refilter"),
    ],
)
def test_a_change_of_a_file_is_seen_between_revisions(folder, name, old, new, severity):
    edit(folder, name, old, new)
    now = compare(folder, "HEAD:specs/x.tap", "specs/x.tap")
    assert now.severity == severity
    git(folder, "commit", "-qam", "second")
    shutil.rmtree(folder / "specs")  # nothing is read from the work tree, and nothing is put there
    found = compare(folder, "HEAD~1", "HEAD", "specs/x.tap")
    assert [found.severity, found.before.digest, found.after.digest] == [
        severity, now.before.digest, now.after.digest,
    ]  # fmt: skip
    assert not (folder / "specs").exists()
    assert compare(folder, "HEAD", "HEAD", "specs/x.tap").severity == "none"


def test_a_file_that_is_not_there_yet_is_missed_in_its_revision(folder):
    edit(folder, "x.tap", "{ en, de }", "{ en, de, fr }")
    git(folder, "commit", "-qam", "before its rows")
    (folder / "specs/data/fr.jsonl").write_text(rows("pourquoi"), encoding="utf-8")
    with pytest.raises(Unplannable) as wrong:
        compare(folder, "HEAD:specs/x.tap", "specs/x.tap")
    assert wrong.value.subject.startswith("HEAD:")
    assert "TAP716" in {finding.code for finding in wrong.value.findings}


def test_ignored_data_is_taken_as_it_is_and_that_is_said(folder):
    (folder / ".gitignore").write_text("specs/data/\n", encoding="utf-8")
    git(folder, "rm", "-rq", "--cached", "specs/data")
    git(folder, "add", ".gitignore")
    git(folder, "commit", "-qm", "without data")
    found = compare(folder, "HEAD:specs/x.tap", "specs/x.tap")
    assert found.severity == "none"
    assert len(found.notes) == 2
    assert all("git ignores data/" in note for note in found.notes)


def test_large_files_of_git_lfs(folder):
    content = rows("why").encode()
    oid = hashlib.sha256(content).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
    (folder / "specs/data/en.jsonl").write_text(pointer, encoding="utf-8")
    git(folder, "commit", "-qam", "a pointer")
    with pytest.raises(Unplannable) as wrong:
        compare(folder, "HEAD:specs/x.tap", "HEAD~1:specs/x.tap")
    assert "git lfs fetch" in wrong.value.findings[0].notes[0]
    place = folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    assert compare(folder, "HEAD:specs/x.tap", "HEAD~1:specs/x.tap").severity == "none"


def test_links_and_files_outside(folder, tmp_path):
    (folder / "specs/data/en.jsonl").rename(folder / "kept.jsonl")
    (folder / "specs/data/en.jsonl").symlink_to("../../kept.jsonl")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "a link")
    assert compare(folder, "HEAD~1", "HEAD", "specs/x.tap").severity == "none"
    (tmp_path / "outside.txt").write_text("a benchmark text outside the repository, longer than it looks\n")
    edit(folder, "x.tap", "bench/**/*.txt", "../../*.txt")
    git(folder, "commit", "-qam", "outside")
    with pytest.raises(Unplannable) as wrong:
        compare(folder, "HEAD:specs/x.tap", "specs/x.tap")
    assert "outside the repository" in wrong.value.findings[0].message
