"""A mix that is added to a dataset which was run: only the steps that read it ask again."""

import json
from collections import Counter
from pathlib import Path

import pytest
from called import Called

SPEC = """tap 1

dataset d {
  samples 36
  taxonomy topic { physics { optics, heat }, biology }
  mix language { en 50%, sw }
  endpoint w { model "sim-w", price { input $1/M, output $2/M } }
  generate question { using w, prompt "Ask about {{ topic }} in {{ language.name }}." }
  generate answer { using w, prompt "Answer: {{ question }}" }
  generate title { using w, prompt "A title for {{ question }}" }
  emit records { }
  emit sft { from answer }
}
"""
PERSONA = "mix persona { kid 1, adult 2 }"


@pytest.fixture
def tapc(tmp_path: Path) -> Called:
    (tmp_path / "d.tap").write_text(SPEC, encoding="utf-8")
    called = Called(tmp_path)
    called("run", "d.tap", "--yes")
    return called


def edit(tapc: Called, *changes: tuple[str, str]) -> None:
    path = tapc.folder / "d.tap"
    text = path.read_text(encoding="utf-8")
    (tapc.folder / "before.tap").write_text(text, encoding="utf-8")
    (tapc.folder / "before.tap.lock").write_bytes((tapc.folder / "d.tap.lock").read_bytes())
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def records(tapc: Called) -> dict[str, dict]:
    files = sorted((tapc.folder / "out" / "d" / "data" / "records").glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return {row["provenance"]["slot"]: row for row in rows}


def texts(rows: dict[str, dict], step: str) -> dict[str, list[str]]:
    return {name: [c["text"] for c in row["candidates"] if c["step"] == step] for name, row in rows.items()}


def axes_of(row: dict) -> dict[str, str]:
    return row["provenance"]["axes"]


def sent(tapc: Called) -> int:
    tapc("run", "d.tap", "--yes")
    return json.loads((tapc.folder / "out" / "d" / "run.json").read_text(encoding="utf-8"))["requests"]["sent"]


def add_persona(tapc: Called) -> None:
    edit(tapc, ("  endpoint", f"  {PERSONA}\n  endpoint"), ("Answer: ", "Answer a {{ persona }}: "))


def test_a_mix_that_only_the_answer_reads_asks_no_question_again(tapc: Called) -> None:
    before = records(tapc)
    add_persona(tapc)
    document = json.loads(tapc("plan", "d.tap", "--json").stdout)
    assert document["late"] == ["persona"]
    assert document["counts"]["persona"] == {"kid": 12, "adult": 24}
    steps = {step["name"]: (step["jobs"], step["cached"]) for step in document["steps"]}
    assert steps == {"question": (36, 36), "answer": (36, 0), "title": (36, 36)}
    assert "`persona` was added later: samples are drawn without it" in tapc("plan", "d.tap").stdout
    told = json.loads(tapc("diff", "before.tap", "d.tap", "--format", "json").stdout)
    assert told["notes"] == ["`persona` was added later: samples are drawn without it"]
    assert told["slots"] == {"before": 36, "after": 36, "kept": 36, "added": 0, "dropped": 0}
    assert sent(tapc) == 36, "every answer is asked once, no question, no title"
    after = records(tapc)
    for step, same in (("question", True), ("title", True), ("answer", False)):
        assert (texts(before, step) == texts(after, step)) is same
    assert Counter(axes_of(row)["persona"] for row in after.values()) == {"kid": 12, "adult": 24}
    assert [{k: v for k, v in axes_of(row).items() if k != "persona"} for row in after.values()] == [
        axes_of(row) for row in before.values()
    ]
    assert sent(tapc) == 0
    assert records(tapc) == after


def test_without_the_mix_again_all_is_as_before(tapc: Called) -> None:
    before = records(tapc)
    add_persona(tapc)
    sent(tapc)
    edit(tapc, (f"  {PERSONA}\n", ""), ("Answer a {{ persona }}: ", "Answer: "))
    assert sent(tapc) == 0
    assert records(tapc) == before


def test_what_draws_all_again_is_said_with_the_way_to_avoid_it(tapc: Called) -> None:
    add_persona(tapc)
    sent(tapc)
    edit(tapc, (PERSONA, f"{PERSONA}\n  when persona = kid {{ mix language {{ en 9, sw 1 }} }}"))
    told = json.loads(tapc("diff", "before.tap", "d.tap", "--format", "json").stdout)
    assert told["slots"]["kept"] == 0
    (note,) = told["notes"]
    assert note.startswith("shares of `language` depend on `persona`, so samples are drawn by it, too")
    assert note.endswith("let shares of `persona` depend on `language` instead")
    assert json.loads(tapc("plan", "d.tap", "--json").stdout)["late"] == []
    (tapc.folder / "d.tap").write_text(
        SPEC.replace("  mix language { en 50%, sw }\n", "").replace(" in {{ language.name }}", ""), encoding="utf-8"
    )
    told = json.loads(tapc("diff", "before.tap", "d.tap", "--format", "json").stdout)
    assert any(note.startswith("samples were drawn by `language`") for note in told["notes"])
    assert told["slots"]["kept"] == 0
