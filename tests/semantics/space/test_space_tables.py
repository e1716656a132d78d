"""Taxonomies and mixes from tables."""

from pathlib import Path

import pytest
from space_kit import lower, space_of

from tapc.source import DiskLoader

CATALOG = "code,up,name_en,w\n1,,Science,2\n11,1,Physics,3\n12,1,Biology,\n2,,Arts,1\n"


def test_identity_and_parent():
    body = 'taxonomy t from "c.csv" { columns { id code, parent up, title name_en, weight w } }'
    arts, science = sorted(space_of(body, files={"c.csv": CATALOG}).taxonomy.children, key=lambda node: node.title)
    assert (science.name, science.share.value, [c.title for c in science.children]) == ("1", 2, ["Physics", "Biology"])
    assert (arts.title, arts.children) == ("Arts", ())


def test_levels_of_a_wide_table():
    files = {"w.csv": "\ufefffield,sub\nPhysics,Optics\nPhysics,\n\nBiology,Cells\n"}
    nodes = space_of('taxonomy t from "w.csv" { levels [field, sub] }', files=files).taxonomy.children
    assert [(n.name, [c.name for c in n.children]) for n in nodes] == [("Biology", ["Cells"]), ("Physics", ["Optics"])]


def test_mix_from_json_lines_pruned_and_extended():
    files = {"p.jsonl": '{"id": "ann", "meta": {"text": "a nurse"}}\n{"id": "bob", "meta": {"text": "a cook"}}\n'}
    body = 'mix persona from "p.jsonl" { columns { name id, definition meta.text }, except [bob], cy: "a clerk" }'
    values = space_of(body, files=files).mixes[0].values
    assert [(v.name, v.definition) for v in values] == [("ann", "a nurse"), ("cy", "a clerk")]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("code,up\n1,\n1,\n", "TAP705", "row 2"), ("code,up\n1,9\n", "TAP706", "row 1"),
        ("code,up\n1,2\n2,1\n", "TAP707", "row 1"), ("code,up\n,\nx,\n,x\n", "TAP704", "row 2"),
        ("kode,up\n1,\n", "TAP703", "code"), ("", "TAP701", "empty"), (b"code,up\n\xff,\n", "TAP701", "line 2"),
        ("code,up\n1,2,3\n", "TAP704", "row 1"), ('code,up\n"1,\n', "TAP704", "row 1"), ("code,up\n" + "x" * 200_000 + ",\n", "TAP704", "row 1"),
    ],
)  # fmt: skip
def test_errors_name_file_and_row(content, code, words):
    _, report = lower('taxonomy t from "x.csv" { columns { id code, parent up } }', files={"x.csv": content})
    assert [d.code for d in report.diagnostics] == [code]
    assert "x.csv" in report.diagnostics[0].message
    assert words in report.diagnostics[0].message


def test_a_wrong_column_does_not_flood():
    files = {"x.csv": "code,up\n" + "a,zz\n" + "".join(f"{i},zz\n" for i in range(5000))}
    _, report = lower('taxonomy t from "x.csv" { columns { id code, parent up } }', files=files)
    assert len(report.diagnostics) == 20


def test_folders_loops_and_huge_files_are_answered(tmp_path):
    (tmp_path / "dir.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024)

    class Here(DiskLoader):
        def read(self, path: Path) -> bytes:
            return super().read(tmp_path / path)

    for name in ("dir", "loop", "huge"):
        _, report = lower(f'taxonomy t from "{name}.csv" {{ levels [a] }}', loader=Here())
        assert [d.code for d in report.diagnostics] == ["TAP701"]
        assert f"{name}.csv" in report.diagnostics[0].message


def test_a_chain_of_parents_is_bounded():
    rows = "code,up\n0,\n" + "".join(f"{i},{i - 1}\n" for i in range(1, 3000))
    _, report = lower('taxonomy t from "x.csv" { columns { id code, parent up } }', files={"x.csv": rows})
    assert [d.code for d in report.diagnostics] == ["TAP222"]


@pytest.mark.parametrize(("mark", "named"), [(";", "`;`"), ("\t", "tabs")])
def test_a_table_with_other_marks_between_its_columns_is_recognized(mark, named):
    _, report = lower('taxonomy t from "t.csv" { columns { id code } }', files={"t.csv": f"code{mark}name\na{mark}b\n"})
    (found,) = report.diagnostics
    assert (found.code, found.notes) == (
        "TAP703",
        (f"its columns are divided by {named}; tables have commas between them",),
    )
