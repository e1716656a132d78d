"""The corpus of input quirks: small files, each with the rows or the finding that is right, written down by hand.

A case of `corpus/*.toml` has
- `file`, `file2`, `gzip`: name and text; `hex`: name and bytes; `parquet`: name and rows as JSON, with `rename` for its
  columns; `nested`: name and depth of one row's column `deep`. One line end at the beginning of a text does not count.
- `filler`: a line with `{n}` and how many of them stand behind the last file's; prompts of theirs are not compared.
- `input`: the fields of the input step; `axes`, `samples` (all), `prompt` (`{{ rows }}`).
- what is right: `prompts`, in any order; or `turns`; or the code of the only error in `finding`. `warning` is the code of
  a warning that must be there; without one there must be none. `says` and `never` are parts of what is printed.
"""

import gzip
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from called import Called

from tapc.inputs.opening import Folder
from tapc.inputs.rows import read_input
from tapc.workspace.spec.checked import check_spec

CORPUS = Path(__file__).parent / "corpus"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(CORPUS.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8")).get("case", ())
]
KEYS = {
    "name", "file", "file2", "gzip", "hex", "parquet", "rename", "nested", "filler", "input", "axes", "samples", "prompt",
    "prompts", "turns", "finding", "warning", "says", "never",
}  # fmt: skip
SPEC = """tap 1

dataset d {{
  samples {samples}
  {axes}
  endpoint e {{ model "sim", price free }}
  input rows {{ {input} }}
  generate answer {{ using e, prompt "{prompt}", max_tokens 60 }}
  emit sft {{ from answer }}
}}
"""


def content(case: dict[str, Any], kind: str) -> tuple[str, bytes]:
    name, value = case[kind]
    if kind == "hex":
        return name, bytes.fromhex(value)
    if kind == "nested":
        return name, b'{"text":"deep","deep":' + b'{"a":' * value + b"1" + b"}" * value + b"}\n"
    if kind == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        table = pa.Table.from_pylist(json.loads(value))
        out = io.BytesIO()
        parquet.write_table(table.rename_columns(case["rename"]) if "rename" in case else table, out)
        return name, out.getvalue()
    return name, value.removeprefix("\n").encode()


def lay_out(folder: Path, case: dict[str, Any]) -> None:
    """Write the files of a case and its spec."""
    assert set(case) <= KEYS, set(case) - KEYS
    last = folder
    for kind in ("file", "file2", "gzip", "hex", "parquet", "nested"):
        if kind not in case:
            continue
        name, data = content(case, kind)
        last = folder / name
        last.parent.mkdir(parents=True, exist_ok=True)
        last.write_bytes(gzip.compress(data) if kind == "gzip" else data)
    if "filler" in case:
        line, count = case["filler"]
        ended = last.read_bytes().endswith(b"\n")
        with last.open("ab") as file:
            file.write(b"" if ended else b"\n")
            file.writelines(line.replace("{n}", str(n)).encode() + b"\n" for n in range(count))
    parts = {
        "samples": "all",
        "axes": "",
        "prompt": "{{ rows }}",
        **{k: v for k, v in case.items() if isinstance(v, str)},
    }
    (folder / "d.tap").write_text(SPEC.format(**parts), encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_a_file_gives_the_right_rows_or_the_right_finding(tmp_path: Path, case: dict[str, Any]) -> None:
    lay_out(tmp_path, case)
    tapc = Called(tmp_path)
    found = tapc("check", "d.tap", code=1 if "finding" in case else 0)
    said = found.stdout + found.stderr
    plain = re.sub(r"\s+", " ", said)  # lines of notes are broken at the width of the terminal
    for words in case.get("says", ()):
        assert re.sub(r"\s+", " ", words).strip() in plain, said
    for words in case.get("never", ()):
        assert words not in said
    if "finding" in case:
        assert set(re.findall(r"error\[(TAP\d+)\]", said)) == {case["finding"]}, said
        return
    assert ("warning[" in said) == ("warning" in case), said
    assert f"warning[{case['warning']}]" in said if "warning" in case else True, said
    if "turns" in case:
        dataset = check_spec(tmp_path / "d.tap", settings={}, dataset=None).dataset
        assert dataset is not None
        table, _ = read_input(dataset.steps[0], dataset.space, Folder(tmp_path), offline=True)  # type: ignore[arg-type]
        rows = [table.read(number) for number in range(len(table))]
        made = [[*(f"{turn.role}: {turn.content}" for turn in row.messages), row.text] for row in rows]
        assert sorted({tuple(turns) for turns in made}) == sorted(map(tuple, case["turns"]))
        return
    plan = json.loads(tapc("plan", "d.tap", "--json", "--samples", "500").stdout)
    made = sorted(message["content"] for prompt in plan["prompts"] for message in prompt["messages"])
    assert [text for text in made if not text.startswith("filler ")] == sorted(case["prompts"])
    if "filler" in case and case.get("samples", "all") == "all" and "elsewhere" not in case["filler"][0]:
        assert sum(text.startswith("filler ") for text in made) == case["filler"][1], "the others are all there"


def test_the_corpus_is_large_and_names_each_case_once() -> None:
    names = [case.id for case in CASES]
    assert len(names) == len(set(names)) >= 80
