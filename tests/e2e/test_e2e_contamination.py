"""Benchmark files that texts must not repeat, and verdicts that templates compare."""

import json

from driving import Tapc

SPEC = """tap 1
endpoint writer { model "sim" }
endpoint referee { model "sim-judge" }
rubric good { aspect clarity 1..5: "Is it clear?" }
dataset d {
  samples 30
  generate answer { using writer, prompt "Explain the light of the moon." CLEAN }
  judge verdict { of answer, using referee, rubric good }
  generate again {
    using writer
    prompt "{% if verdict.overall > 3 %}Praise{% else %}Improve{% endif %} ({{ verdict.overall }}): {{ answer }}"
  }
  emit records
  emit sft { from again, prompt asked }
}
"""


def test_texts_with_a_run_of_words_from_a_benchmark_are_turned_down_by_file(tapc: Tapc) -> None:
    spec = tapc.folder / "d.tap"
    spec.write_text(SPEC.replace("CLEAN", ""), encoding="utf-8")
    tapc.run("d.tap")
    first = tapc.rows("d", "sft")
    said = {row["messages"][0]["content"].split(":")[0] for row in first}
    assert all(word.split(" (")[0] == ("Praise" if float(word.split("(")[1][:-1]) > 3 else "Improve") for word in said)

    stolen = first[0]["messages"][0]["content"].split(": ", 1)[1]
    sentence = max(stolen.replace("\n", " ").split(". "), key=len)
    (tapc.folder / "bench").mkdir()
    (tapc.folder / "bench" / "moon.jsonl").write_text(json.dumps({"q": [{"text": sentence.upper()}]}), encoding="utf-8")
    (tapc.folder / "bench" / "other.txt").write_text("Natalia sold clips to 48 of her friends.\n", encoding="utf-8")
    clean = ', require clean_of "bench/*" { ngram 8 }, attempts 9'
    spec.write_text(SPEC.replace("CLEAN", clean), encoding="utf-8")
    tapc.run("d.tap")
    found = [row for row in tapc.rows("d", "rejects") if row["reason"] == "contaminated"]
    assert found
    assert all(row["detail"].startswith("bench/moon.jsonl") for row in found)
    assert [e["name"] for e in tapc.manifest("d")["sources"]] == ["d.tap", "bench/moon.jsonl", "bench/other.txt"]
    spec.write_text(SPEC.replace("CLEAN", clean.replace("bench/*", "bank/*")), encoding="utf-8")
    assert "TAP709" in tapc("check", "d.tap", code=1).stdout


def test_a_language_the_simulated_endpoint_cannot_write_ends_no_run(tapc: Tapc) -> None:
    text = """tap 1
endpoint writer { model "sim" }
dataset d {
  samples 6
  mix language { zh-Hant, en }
  generate answer { using writer, prompt "Write a question in {{ language.name }} ({{ language.tag }})." }
  emit sft { from answer }
}
"""
    (tapc.folder / "d.tap").write_text(text, encoding="utf-8")
    assert tapc.run("d.tap")["samples"]["accepted"] == 6
