"""`tapc import` decides nothing silently: separators, repeated names, weights, files that are there."""

from pathlib import Path

import pytest
from called import Called

from tapc.importing import Columns, convert_file

TREE = "taxonomy tree {"


def body(text: str | None) -> list[str]:
    assert text is not None
    return [" ".join(line.split()) for line in text.splitlines()[5:-1]]


@pytest.mark.parametrize(
    ("file", "data", "marks"),
    [
        ("x.csv", "id;parent;name\na;;A, the first\nb;a;B\n", "semicolons"),
        ("x.csv", "id\tparent\tname\na\t\tA, the first\nb\ta\tB\n", "tabs"),
        ("x.csv", "id|parent|name\na||A, the first\nb|a|B\n", "vertical bars"),
        ("x.tsv", 'id,parent,name\na,,"A, the first"\nb,a,B\n', "commas"),
        ("x.csv", 'id,parent,name\na,,"A, the first"\nb,a,B\n', None),
        ("x.tsv", "id\tparent\tname\na\t\tA, the first\nb\ta\tB\n", None),
    ],
)
def test_what_stands_between_cells_is_found_and_said(file: str, data: str, marks: str | None) -> None:
    made = convert_file(file, data.encode(), "tree", Columns())
    assert body(made.text) == ['a "A, the first" {', 'b "B"', "}"]
    assert [d.code for d in made.diagnostics] == (["TAP718"] if marks else [])
    assert all(f"has {marks} between its cells" in d.message for d in made.diagnostics)


@pytest.mark.parametrize(
    ("file", "data", "code", "says"),
    [
        ("x.csv", "field,sub\na,b\na,c\na,b\n", "TAP722", ["x.csv, row 3", "`a > b` is in row 1 too"]),
        ("x.csv", "field,sub\na,\na,c\na,\n", "TAP722", ["row 3", "`a` is in row 1 too"]),
        ("x.csv", "id,parent\na,\nb,a\nb,a\n", "TAP722", ["row 3", "`b` is in row 2 too"]),
        ("x.jsonl", '{"id":"a"}\n{"id":"a"}\n', "TAP722", ["row 2", "row 1 too"]),
        ("x.csv", "id,id\na,b\n", "TAP720", ["two columns are named `id`", "1st", "2nd"]),
        ("x.csv", "id,parent\na\n", "TAP720", ["row 1: 1 cells, but the header has 2"]),
        ("x.jsonl", '{"id":"a","id":"b"}\n', "TAP720", ["the key `id` appears twice"]),
        ("x.json", '{"a": 1, "b": {"c": 1, "d": 2, "c": 3}}', "TAP723", ["the key `c` appears twice in one object"]),
        ("x.json", '["a", "b", "a"]', "TAP723", ["`a`", "the 1st and the 3rd of their siblings"]),
        ("x.yaml", "a:\n  - b\nc: 1\na: 2\n", "TAP723", ["the key `a` is in line 1 and in line 4"]),
        ("x.yaml", "top:\n  x: 1\n  y: 2\n  x: 3\n", "TAP723", ["the key `x` is in line 2 and in line 4"]),
        ("x.yaml", "- name: a\n  name: b\n", "TAP723", ["the key `name` is in line 1 and in line 2"]),
        ("x.csv", "id,percent\na,120\n", "TAP722", ["`120` is more than 100%"]),
        ("x.csv", "id,percent\na,many\n", "TAP722", ["the percentage `many` is not a number"]),
    ],
)
def test_what_stands_twice_is_an_error_with_both_places(file: str, data: str, code: str, says: list[str]) -> None:
    made = convert_file(file, data.encode(), "tree", Columns())
    assert made.text is None
    assert [d.code for d in made.diagnostics] == [code]
    assert all(words in made.diagnostics[0].message for words in says), made.diagnostics[0].message


def test_keys_of_different_objects_may_be_the_same() -> None:
    made = convert_file("x.json", b'{"a": {"x": null}, "b": {"x": null}}', "tree", Columns())
    assert body(made.text) == ["a {", "x", "}", "b {", "x", "}"]
    made = convert_file("x.yaml", b"a:\n  x:\nb:\n  x:\n", "tree", Columns())
    assert body(made.text) == ["a {", "x", "}", "b {", "x", "}"]


@pytest.mark.parametrize("cells", [("12.5", "87.5"), ("12.5%", "87.5 %")])
def test_shares_in_percent(cells: tuple[str, str]) -> None:
    data = f"name,part\na,{cells[0]}\nb,{cells[1]}\n".encode()
    made = convert_file("x.csv", data, "tree", Columns(percent="part"))
    assert body(made.text) == ["a 12.5%", "b 87.5%"]
    guessed = convert_file("x.csv", data.replace(b"part", b"percent"), "tree", Columns())
    assert body(guessed.text) == ["a 12.5%", "b 87.5%"]
    both = convert_file("x.csv", data, "tree", Columns(percent="part", weight="part"))
    assert [d.code for d in both.diagnostics] == ["TAP722"]


def test_a_named_weight_wins_over_a_guessed_percentage() -> None:
    made = convert_file("x.csv", b"name,percent,w\na,50,3\nb,50,4\n", "tree", Columns(weight="w"))
    assert body(made.text) == ["a 3", "b 4"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("field,sub,weight\na,x,10\na,y,20\nb,z,5\n", ["`a` 30", "`b` 5"]),
        ("field,sub,weight\na,x,1.5\nb,z,0.5\nc,y,\n", ["`a` 1.5", "`b` 0.5"]),
        ("field,sub,weight\na,x,10\nb,z,10\n", None),  # what is below adds up to the same
        ("field,sub,weight\na,,30\na,x,10\na,y,20\nb,,5\nb,z,5\n", None),  # branches have their own
        ("field,sub,weight\na,x,10\na,y,20\n", None),  # one branch
        ("field,sub\na,x\nb,y\n", None),
    ],
)
def test_weights_that_do_not_add_up_over_branches_are_said(data: str, told: list[str] | None) -> None:
    made = convert_file("x.csv", data.encode(), "tree", Columns())
    found = [d for d in made.diagnostics if d.code == "TAP724"]
    assert len(found) == (told is not None)
    assert all(words in found[0].notes[0] for words in told or ())


def test_nothing_is_written_over_without_force(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "x.csv").write_text("id;parent\na;\nb;a\n")
    (tmp_path / "there.tap").write_text("mine")
    (tmp_path / "gone.tap").symlink_to("nowhere")
    for name in ("there.tap", "gone.tap"):
        said = tapc("import", "x.csv", "--out", name, code=2).stderr
        assert "TAP725" in said
        assert "--force" in said
    assert (tmp_path / "there.tap").read_text() == "mine"
    done = tapc("import", "x.csv", "--out", "there.tap", "--force")
    assert "warning[TAP718]" in done.stderr
    assert "taxonomy x {" in (tmp_path / "there.tap").read_text()
    assert tapc("import", "x.csv", "--quiet").stdout.startswith("tap 1")


def test_links_in_an_imported_folder_do_not_lead_out(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "secret.yaml").write_text("task_description: secret\n")
    (tmp_path / "tree" / "leaf").mkdir(parents=True)
    (tmp_path / "tree" / "leaf" / "qna.yaml").symlink_to("../../secret.yaml")
    said = tapc("import", "tree", code=1)
    assert "TAP720" in said.stderr
    assert "secret\n" not in said.stdout
