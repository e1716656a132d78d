"""Which files are opened at all: kinds, links, bombs, sizes, changes while they are read."""

import gzip
import json
import os
import re
import socket
from pathlib import Path

import pytest
from called import Called

from tapc.inputs.blocks import LONGEST, Skipped, blocks
from tapc.inputs.errors import InputError
from tapc.inputs.formats import RowFile
from tapc.inputs.opening import Opened

SPEC = """tap 1
dataset d {
  samples all
  endpoint e { model "sim", price free }
  input rows { file "FILE", field text }
  generate answer { using e, prompt "{{ rows }}", max_tokens 60REQUIRE }
  emit sft { from answer }
}
"""
ROW = '{"text":"What is ice?"}\n'


@pytest.fixture
def tapc(tmp_path: Path) -> Called:
    (tmp_path / "spec").mkdir()
    return Called(tmp_path / "spec")


def write(tapc: Called, file: str, require: str = "") -> None:
    (tapc.folder / "d.tap").write_text(SPEC.replace("FILE", file).replace("REQUIRE", require), encoding="utf-8")


def codes(tapc: Called, *options: str) -> list[str]:
    done = tapc("check", "d.tap", *options, code=None)
    return re.findall(r"error\[(TAP\d+)\]", done.stdout)


def test_only_regular_files_are_read_and_nobody_waits_for_a_fifo(tapc: Called) -> None:
    os.mkfifo(tapc.folder / "fifo.jsonl")
    listener = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    os.chdir(tapc.folder)
    listener.bind("socket.jsonl")
    os.chdir(before)
    (tapc.folder / "folder.jsonl").mkdir()
    for name, kind in (("fifo", "a FIFO"), ("socket", "a socket"), ("folder", "a folder")):
        write(tapc, f"{name}.jsonl")
        said = tapc("check", "d.tap", code=1).stdout
        assert "TAP709" in said
        assert f"{name}.jsonl is {kind}, not a regular file" in said
    write(tapc, "/dev/zero")
    assert codes(tapc) == ["TAP709"]
    listener.close()


def test_links_are_followed_inside_the_folder_and_outside_only_where_allowed(tapc: Called, tmp_path: Path) -> None:
    (tapc.folder / "data").mkdir()
    (tapc.folder / "data" / "real.jsonl").write_text(ROW)
    (tmp_path / "secret.jsonl").write_text(ROW)
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "rows.jsonl").write_text(ROW)
    (tapc.folder / "inside.jsonl").symlink_to("data/real.jsonl")
    (tapc.folder / "round.jsonl").symlink_to(tapc.folder / "data" / "real.jsonl")
    (tapc.folder / "out.jsonl").symlink_to("../secret.jsonl")
    (tapc.folder / "chain.jsonl").symlink_to("out.jsonl")
    (tapc.folder / "folder").symlink_to("../away")
    (tapc.folder / "nowhere.jsonl").symlink_to("gone.jsonl")
    (tapc.folder / "circle.jsonl").symlink_to("circle.jsonl")
    expected = {
        "data/real.jsonl": [],
        "inside.jsonl": [],
        "round.jsonl": [],
        "../secret.jsonl": [],  # written in plain sight
        str(tmp_path.resolve() / "secret.jsonl"): [],
        "out.jsonl": ["TAP719"],
        "chain.jsonl": ["TAP719"],
        "folder/rows.jsonl": ["TAP719"],
        "nowhere.jsonl": ["TAP709"],
        "circle.jsonl": ["TAP709"],
    }
    for name, found in expected.items():
        write(tapc, name)
        assert codes(tapc) == found, name
        assert codes(tapc, "--allow-outside") == ([] if found == ["TAP719"] else found), name
    write(tapc, "out.jsonl")
    said = tapc("plan", "d.tap", code=1).stderr
    assert "out.jsonl is a link that leads out of the spec's folder" in said
    assert "--allow-outside" in said
    tapc("plan", "d.tap", "--allow-outside")
    tapc("run", "d.tap", "--yes", "--allow-outside")


def test_a_link_to_the_spec_itself_is_followed(tapc: Called, tmp_path: Path) -> None:
    (tapc.folder / "rows.jsonl").write_text(ROW)
    write(tapc, "rows.jsonl")
    (tapc.folder / "sub").mkdir()
    (tapc.folder / "sub" / "rows.jsonl").write_text(ROW)
    (tapc.folder / "sub" / "linked.tap").symlink_to("../d.tap")
    tapc("check", "sub/linked.tap")


@pytest.mark.parametrize(
    "spec", ['taxonomy topic from "t.csv" { columns { id id, parent parent } }', 'import "./m.tap" as m']
)
def test_links_of_tables_and_modules_do_not_lead_out_either(tapc: Called, tmp_path: Path, spec: str) -> None:
    (tmp_path / "t.csv").write_text("id,parent\na,\nb,\n")
    (tmp_path / "m.tap").write_text('tap 1\nendpoint e { model "sim" }\n')
    for name in ("t.csv", "m.tap"):
        (tapc.folder / name).symlink_to(f"../{name}")
    text = SPEC.replace(' input rows { file "FILE", field text }\n', "").replace("samples all", "samples 2")
    text = text.replace("{{ rows }}", "Hello.").replace("REQUIRE", "")
    if spec.startswith("import"):
        text = text.replace("tap 1\n", f"tap 1\n{spec}\n").replace(
            'endpoint e { model "sim", price free }', "endpoint e = m.e"
        )
    else:
        text = text.replace("samples 2", f"samples 2\n  {spec}")
    (tapc.folder / "d.tap").write_text(text)
    said = tapc("check", "d.tap", code=1).stdout
    assert "is a link that leads out of the spec's folder" in said
    tapc("check", "d.tap", "--allow-outside")


def test_benchmarks_are_opened_by_the_same_rules(tapc: Called, tmp_path: Path) -> None:
    (tapc.folder / "rows.jsonl").write_text(ROW)
    (tapc.folder / "bench").mkdir()
    (tapc.folder / "bench" / "a.txt").write_text("a b c d e f g h i\n")
    write(tapc, "rows.jsonl", ', require clean_of "bench/*"')
    assert codes(tapc) == []
    (tmp_path / "secret.txt").write_text("x\n")
    (tapc.folder / "bench" / "b.txt").symlink_to("../../secret.txt")
    assert codes(tapc) == ["TAP719"]
    (tapc.folder / "bench" / "b.txt").unlink()
    os.mkfifo(tapc.folder / "bench" / "c.txt")
    assert codes(tapc) == ["TAP709"]


def test_a_benchmark_loses_nothing_to_broken_lines(tapc: Called) -> None:
    """A line that is no row counts as a text: contamination in it is found."""
    sentence = "the quick brown fox jumps over the lazy dog today"
    (tapc.folder / "rows.jsonl").write_text("".join(f'{{"text":"Say {n}: {sentence}"}}\n' for n in range(3)))
    from tapc.inputs.benchmarks import texts_of

    contents = {
        "cut.jsonl": '{"q": "' + sentence,
        "twice.jsonl": json.dumps({"q": sentence})[:-1] + ', "q": "x"}',
        "ragged.csv": f"a,b\n1,2,{sentence}\n",
        "header.csv": f"{sentence},x\n1,2\n",
        "semicolon.csv": f"a;b\n1;{sentence}\n",
        "open.csv": f'a,b\n1,"{sentence}\n',
        "twice.json": '{"q": "' + sentence + '", "q": "x"}',
        "cut.json": '{"q": "' + sentence,
        "plain.txt": sentence,
    }
    for name, content in contents.items():
        (tapc.folder / name).write_text(content, encoding="utf-8")
        assert any(sentence in text for text in texts_of(tapc.folder / name)), name
    (tapc.folder / "latin.jsonl").write_bytes(b'{"q": "' + sentence.encode() + b' caf\xe9"}')
    assert any(sentence in text for text in texts_of(tapc.folder / "latin.jsonl"))


def test_a_bomb_is_refused_before_it_is_unpacked(tapc: Called) -> None:
    with gzip.open(tapc.folder / "bomb.jsonl.gz", "wb", compresslevel=9) as file:
        for _ in range(100):
            file.write(b" " * 1_000_000 + b"\n")
    assert (tapc.folder / "bomb.jsonl.gz").stat().st_size < 200_000
    write(tapc, "bomb.jsonl.gz")
    said = tapc("check", "d.tap", code=1).stdout
    assert "TAP711" in said
    assert "unpacks to more than 67,108,864" in said


def test_what_packs_well_is_no_bomb(tapc: Called) -> None:
    rows = "".join(json.dumps({"text": f"What is {n} plus {n}?"}) + "\n" for n in range(5000))
    (tapc.folder / "rows.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    write(tapc, "rows.jsonl.gz")
    assert codes(tapc) == []


@pytest.mark.parametrize("form", ["jsonl", "csv", "quoted.csv"])
def test_a_row_that_is_too_long_is_left_out_and_the_rest_is_read(tapc: Called, form: str) -> None:
    head = {"jsonl": "", "csv": "text,n\n", "quoted.csv": "text,n\n"}[form]
    line = {"jsonl": '{{"text":"{}"}}\n', "csv": "{},1\n", "quoted.csv": '"{}",1\n'}[form]
    long = "x" * (LONGEST + 10) if form != "quoted.csv" else "line, quoted\n" * (LONGEST // 12)
    before = head + "".join(line.format(f"before {n}") for n in range(20))
    after = "".join(line.format(f"after {n}") for n in range(20))
    (tapc.folder / f"rows.{form}").write_text(before + line.format(long) + after, encoding="utf-8")
    found = list(RowFile(tapc.folder / f"rows.{form}", "rows"))
    texts = [row["text"] for _, row in found if isinstance(row, dict)]
    assert texts == [f"{word} {n}" for word in ("before", "after") for n in range(20)]
    (bad,) = [(line, row) for line, row in found if not isinstance(row, dict)]
    assert bad[0] == 21 + bool(head)
    assert bad[1].reason == "size"  # type: ignore[union-attr]
    lines = (before + line.format(long)).count("\n")
    assert found[-1][0] == lines + 20, "lines are counted through what was passed over"
    write(tapc, f"rows.{form}")
    said = tapc("check", "d.tap").stdout
    assert "1 row is too large" in said


def test_blocks_are_whole_lines_whatever_their_length(tmp_path: Path) -> None:
    for sizes in ([0, 1, 2], [LONGEST - 1, 3], [5, LONGEST, 5], [1_048_575, 1_048_576, 1_048_577, 0, 9], [LONGEST + 1]):
        data = b"".join(b"x" * size + b"\n" for size in sizes)
        path = tmp_path / "a"
        path.write_bytes(data)
        with Opened(path) as file:
            found = list(blocks(file.bytes))
        assert all(isinstance(part, Skipped) or part.endswith(b"\n") for part in found)
        kept = b"".join(part for part in found if isinstance(part, bytes))
        assert kept == b"".join(b"x" * size + b"\n" for size in sizes if size < LONGEST)
        assert sum(isinstance(part, Skipped) for part in found) == sum(size >= LONGEST for size in sizes)


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(ROW * 10, encoding="utf-8")
    rows = iter(RowFile(path, "rows.jsonl"))
    next(rows)
    with path.open("a", encoding="utf-8") as file:
        file.write(ROW)
    with pytest.raises(InputError, match="changed while it was read"):
        list(rows)


def test_a_dataset_on_disk_does_not_lead_out_by_its_files(tapc: Called, tmp_path: Path) -> None:
    (tapc.folder / "set").mkdir()
    (tmp_path / "secret.jsonl").write_text(ROW)
    (tapc.folder / "set" / "train.jsonl").symlink_to("../../secret.jsonl")
    text = SPEC.replace('file "FILE"', 'hub "set" { split train }').replace("REQUIRE", "")
    (tapc.folder / "d.tap").write_text(text)
    assert codes(tapc) == ["TAP719"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K"),
        ("a.txt.gz", b"no gzip"),
        ("a.parquet", b"PAR1"),
        ("a.txt", b"\xff\xfea\x00"),
        ("a.jsonl", b" " * (LONGEST + 1)),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_found_before_a_run(tapc: Called, name: str, data: bytes) -> None:
    (tapc.folder / "rows.jsonl").write_text(ROW)
    (tapc.folder / "bench").mkdir()
    (tapc.folder / "bench" / name).write_bytes(data)
    write(tapc, "rows.jsonl", ', require clean_of "bench/*"')
    for command in ("check", "plan", "run"):
        said = tapc(command, "d.tap", *(("--yes",) if command == "run" else ()), code=1)
        assert re.search(r"error\[TAP7(09|11)\]", said.stdout + said.stderr)


def test_tables_of_the_space_say_what_is_odd(tapc: Called) -> None:
    text = SPEC.replace(' input rows { file "FILE", field text }\n', "").replace("samples all", "samples 2\n  TABLE")
    text = text.replace("{{ rows }}", "Hello {{ topic }}.").replace("REQUIRE", "")
    cases = {
        ("t.csv", "id,parent,id\na,,b\n"): ("TAP704", "two columns are named `id`, the 1st and the 3rd"),
        ("t.csv", "id,parent\na\nb,\n"): ("TAP704", "row 1: 1 cells, but the header has 2"),
        ("t.csv", "id;parent\na;\n"): ("TAP703", "its columns are divided by `;`; tables have commas between them"),
        ("t.jsonl", '{"id":"a","parent":"","id":"b"}\n'): ("TAP704", "the key `id` appears twice"),
        ("t.csv", "id,parent\na,\na,\n"): ("TAP705", "`a` is in row 1 too"),
        ("t.csv", "\ufeffid,parent\r\na,\r\nb,\r\n"): (None, ""),
        ("t.jsonl", '{"id":"a"}\n{"id":"b","parent":null}\n{"id":"c","parent":"a"}\n'): (None, ""),
    }
    for (name, content), (code, words) in cases.items():
        (tapc.folder / name).write_text(content, encoding="utf-8", newline="")
        table = f'taxonomy topic from "{name}" {{ columns {{ id id, parent parent }} }}'
        (tapc.folder / "d.tap").write_text(text.replace("TABLE", table))
        said = tapc("check", "d.tap", code=0 if code is None else 1).stdout
        assert set(re.findall(r"error\[(TAP\d+)\]", said)) == ({code} if code else set()), said
        assert words in re.sub(r"\s+", " ", said)
