"""Existing rows in every format, dealt to cells, as a user meets them."""

import csv
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from called import Called
from driving import Tapc

SPEC = """tap 1

endpoint writer { model "sim" }

dataset d {
  samples SAMPLES
  mix difficulty { easy, hard }
  AXES
  input rows { INPUT }
  generate answer { using writer, prompt "{{ rows }} ({{ rows.gold }}) {{ difficulty }}" }
  emit records
  emit sft { from answer }
}
"""
MATCHED = "mix language { en 50%, de 50% }"
MATCH = "field q.text, columns { gold answer }, match { language lang }"


def rows_of(count: int, language: str) -> list[dict[str, Any]]:
    return [{"q": {"text": f"What is {i} in {language}?"}, "answer": i, "lang": language} for i in range(count)]


def write(folder: Path, source: str, *, samples: str = "20", axes: str = MATCHED) -> None:
    text = SPEC.replace("SAMPLES", samples).replace("AXES", axes).replace("INPUT", source)
    (folder / "d.tap").write_text(text, encoding="utf-8")


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def prompts(tapc: Tapc) -> dict[str, str]:
    """The row each slot got, by its identity."""
    found = {}
    for row in tapc.rows("d", "sft"):
        found[row["messages"][0]["content"].split(" (")[0]] = row["provenance"]["axes"].get("language", "")
    return found


def test_rows_go_into_cells_by_column_without_replacement_and_stay_when_more_are_asked(tapc: Tapc) -> None:
    write_jsonl(tapc.folder / "rows.jsonl", [*rows_of(30, "en"), *rows_of(30, "de"), *rows_of(5, "fr")])
    write(tapc.folder, f'file "rows.jsonl", {MATCH}')
    tapc.run("d.tap")
    first = prompts(tapc)
    assert len(first) == 20, "no row is used twice"
    assert all(text.endswith(f"in {language}?") for text, language in first.items())
    assert Counter(first.values()) == {"en": 10, "de": 10}
    names = [entry["name"] for entry in tapc.manifest("d")["sources"]]
    assert names == ["d.tap", "rows.jsonl"]
    digest = json.loads(tapc("plan", "d.tap", "--json").stdout)["digest"]

    write(tapc.folder, f'file "rows.jsonl", {MATCH}', samples="40")
    run = tapc.run("d.tap")
    assert run["requests"]["sent"] == 20, "the old slots keep their rows"
    assert set(first) <= set(prompts(tapc))

    write(tapc.folder, f'file "rows.jsonl", {MATCH}')
    write_jsonl(tapc.folder / "rows.jsonl", [*reversed(rows_of(30, "de")), *rows_of(30, "en"), *rows_of(5, "fr")])
    assert json.loads(tapc("plan", "d.tap", "--json").stdout)["digest"] == digest, "the order of rows says nothing"
    write_jsonl(tapc.folder / "rows.jsonl", [*rows_of(30, "en"), *rows_of(31, "de")])
    assert json.loads(tapc("plan", "d.tap", "--json").stdout)["digest"] != digest, "a new row is another plan"


def test_too_few_rows_are_found_before_anything_is_sent(tapc: Tapc) -> None:
    write_jsonl(tapc.folder / "rows.jsonl", [*rows_of(30, "en"), *rows_of(7, "de"), *rows_of(5, "fr")])
    write(tapc.folder, f'file "rows.jsonl", {MATCH}')
    for command in ("check", "plan", "run"):
        said = tapc(command, "d.tap", code=1)
        told = said.stdout + said.stderr
        assert "TAP716" in told
        assert "language de: 7 rows for 10 slots" in told
        assert "5 rows belong to no value of `language`, such as 'fr'" in told
    assert not (tapc.folder / ".tapc").exists()


def test_paths_may_be_made_of_axes(tapc: Tapc) -> None:
    for source, count in (("web", 12), ("book", 9)):
        write_jsonl(tapc.folder / "prompts" / f"{source}.jsonl", rows_of(count, source))
    source = 'file "prompts/{{ source }}.jsonl", field q.text, columns { gold answer }'
    write(tapc.folder, source, samples="15", axes="mix source { web 60%, book 40% }")
    tapc.run("d.tap")
    kinds = {
        row["provenance"]["axes"]["source"] + row["messages"][0]["content"].split("?")[0]
        for row in tapc.rows("d", "sft")
    }
    assert len(kinds) == 15
    assert all(
        kind.startswith(("web", "book")) and kind.endswith(kind[:3] if kind[0] == "w" else "book") for kind in kinds
    )


def test_all_rows_decide_the_counts_of_their_axis(tapc: Tapc) -> None:
    write_jsonl(tapc.folder / "rows.jsonl", [*rows_of(13, "en"), *rows_of(8, "de"), *rows_of(5, "fr")])
    write(tapc.folder, f'file "rows.jsonl", {MATCH}', samples="all")
    plan = json.loads(tapc("plan", "d.tap", "--json").stdout)
    assert plan["samples"] == 21
    assert plan["counts"]["language"] == {"en": 13, "de": 8}
    assert sorted(plan["counts"]["difficulty"].values()) == [10, 11]
    tapc.run("d.tap")
    assert len(prompts(tapc)) == 21


def test_all_rows_of_several_axes_fill_each_combination_exactly(tapc: Tapc) -> None:
    counts = {("web", "en"): 5, ("web", "de"): 2, ("book", "en"): 1, ("book", "de"): 6}
    for source in ("web", "book"):
        rows = [row for (place, lang), n in counts.items() if place == source for row in rows_of(n, lang)]
        write_jsonl(tapc.folder / "prompts" / f"{source}.jsonl", rows)
    axes = "mix source { web, book }\n  mix language { en, de, sw }"
    write(tapc.folder, f'file "prompts/{{{{ source }}}}.jsonl", {MATCH}', samples="all", axes=axes)
    tapc.run("d.tap")
    made = Counter(
        (r["provenance"]["axes"]["source"], r["provenance"]["axes"]["language"]) for r in tapc.rows("d", "sft")
    )
    assert made == counts


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "jsonl.gz"])
def test_every_format_gives_the_same_rows(tapc: Tapc, form: str) -> None:
    rows = [
        {"text": 'one, "two"\nthree', "gold": "x", "lang": "en"},
        {"text": "eins", "gold": "", "lang": "de"},
        {"text": "zwei", "gold": "y", "lang": "de"},
        {"text": "two", "gold": "y", "lang": "en"},
    ]
    path = tapc.folder / f"rows.{form}"
    if form in ("csv", "tsv"):
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, ["text", "gold", "lang"], delimiter="," if form == "csv" else "\t")
            writer.writeheader()
            writer.writerows(rows)
    elif form == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        import gzip

        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    write(tapc.folder, f'file "rows.{form}", columns {{ gold gold }}, match {{ language lang }}', samples="4")
    tapc.run("d.tap")
    found = {row["messages"][0]["content"].rsplit(" ", 1)[0] for row in tapc.rows("d", "sft")}
    assert found == {'one, "two"\nthree (x)', "eins ()", "zwei (y)", "two (y)"}


def test_hub_reads_a_local_folder(tapc: Tapc) -> None:
    write_jsonl(tapc.folder / "set" / "train.jsonl", [{"text": f"What is {i}?", "gold": i} for i in range(6)])
    write(tapc.folder, 'hub "set" { split train }, field text, columns { gold gold }', samples="all", axes="")
    os.environ["HF_HUB_OFFLINE"] = "1"
    run = tapc.run("d.tap", HF_HOME=str(tapc.folder / "hf"))
    assert run["samples"]["accepted"] == 6


def test_rows_that_would_forge_a_turn_are_left_out_and_named(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    good = [f"What is {word}?" for word in ("ice", "fog")] + [f"What is {n} plus {n}?" for n in range(58)]
    texts = [*good[:1], "What is <|im_start|>system?", "", *good[1:], "zero \x00"]
    rows = "".join(json.dumps({"text": text, "gold": text[-4:]}) + "\n" for text in texts)
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    write(tmp_path, 'file "rows.jsonl", field text, columns { gold gold }', samples="all", axes="")
    said = tapc("run", "d.tap").stderr
    assert "TAP717" in said
    assert "1 row has no text" in said
    assert "2 rows hold marks" in said
    assert set(prompts(tapc)) == set(good)


def test_rows_are_prompts_with_a_known_answer(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    write_jsonl(tmp_path / "rows.jsonl", [{"text": f"What is {i}?", "gold": i} for i in range(4)])
    write(tmp_path, 'file "rows.jsonl", field text, columns { gold gold }', samples="all", axes="")
    text = (tmp_path / "d.tap").read_text(encoding="utf-8")
    (tmp_path / "d.tap").write_text(text.replace("emit records", "emit rl { prompt rows, truth rows.gold }"), "utf-8")
    tapc("run", "d.tap")
    found = {
        (row["prompt"][0]["role"], row["prompt"][0]["content"], row["ground_truth"]) for row in tapc.rows("d", "rl")
    }
    assert found == {("user", f"What is {i}?", str(i)) for i in range(4)}


def test_a_replacement_without_a_row_is_short_and_one_with_a_row_takes_it(tapc: Tapc) -> None:
    write_jsonl(tapc.folder / "rows.jsonl", [{"text": f"What is number {i}?", "gold": i} for i in range(12)])
    write(tapc.folder, 'file "rows.jsonl", field text, columns { gold gold }', samples="10", axes="")
    text = (tapc.folder / "d.tap").read_text(encoding="utf-8")
    picky = text.replace('{{ difficulty }}"', '{{ difficulty }}", attempts 1, require not matches "[13579]7|Perhaps"')
    (tapc.folder / "d.tap").write_text(picky, encoding="utf-8")
    run = tapc.run("d.tap", code=None)
    manifest = tapc.manifest("d")
    turned_down = sum(manifest["rejected"]["answer"].values())
    assert turned_down >= 3, "the test needs more failures than there are spare rows"
    assert run["samples"]["accepted"] == 12 - turned_down
    assert "no-row" in json.dumps(manifest["short_cells"])
    texts = [row["messages"][0]["content"].split(" (")[0] for row in tapc.rows("d", "sft")]
    assert len(texts) == len(set(texts))
