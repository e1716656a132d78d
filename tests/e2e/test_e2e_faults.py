"""The acceptance test of checks: an endpoint with every content fault, and a dataset without any.

What the dataset says is checked with means of this file: function words, letter runs and the endpoint's own refusals.
"""

import json
import re
from collections import Counter
from pathlib import Path

from driving import Tapc

from tapc.sim.banks import bank

SPEC = """tap 1

endpoint writer {
  model "sim-q70"
  extra { sim { rate_wrong_language 10%, rate_duplicate 5%, rate_refusal 3% } }
}
endpoint small { model "sim-small" }
endpoint referee { model "sim-judge", extra { sim { rate_malformed 5%, rate_tie 8% } } }

rubric good { aspect clarity 1..5: "Is it clear?", aspect truth 1..5: "Is it true?" }

dataset faults {
  samples 240
  taxonomy topic { physics 40%, biology 35%, chemistry 25% }
  mix language { en 50%, de 30%, zh-Hans 20% }
  generate question {
    using writer
    prompt "Write one exam question about {{ topic }} in {{ language.name }} ({{ language.tag }})."
    require language
    require no_refusal
    require unique 0.8
    attempts 4
  }
  generate answer {
    using [writer, small]
    prompt "{{ question }} Answer in {{ language.name }}."
    require language
    require no_refusal
    attempts 4
  }
  judge verdict { of answer, using referee, rubric good }
  pair choice { of answer, by verdict.overall, margin >= MARGIN }
  reserve 300% at_least 20
  emit preference { from choice }
}
"""
SAMPLES = 240
TOPICS = {"physics": 96, "biology": 84, "chemistry": 60}
NAMES = {"en": "English", "de": "German", "zh-Hans": "Chinese"}
LANGUAGES = {"en": 120, "de": 72, "zh-Hans": 48}


def write(folder: Path, margin: str = "0.25") -> None:
    (folder / "faults.tap").write_text(SPEC.replace("MARGIN", margin), encoding="utf-8")


FREQUENT = {
    "en": "the of and to a in is that it as with for are be by on not at from this when what does can which we so its",
    "de": "der die das und ist in den von zu mit sich des auf nicht ein eine dem es im an wenn was wie man wir so aus",
}
HAN = re.compile(r"[\u4e00-\u9fff]")


def language_of(text: str) -> str:
    """The language most of a text is in: Chinese by its letters, English and German by their most frequent words."""
    letters = [letter for letter in text if letter.isalpha()]
    if 2 * len(HAN.findall(text)) > len(letters):
        return "zh-Hans"
    words = re.findall(r"[^\W\d_]+", text.lower())
    share = {tag: sum(word in frequent.split() for word in words) / len(words) for tag, frequent in FREQUENT.items()}
    best = max(share, key=lambda tag: share[tag])
    return best if share[best] >= 0.15 and share[best] >= 2 * min(share.values()) else "another"


def parts(text: str) -> set[str]:
    """Pairs of neighboring words; of Chinese, triples of letters."""
    letters = HAN.findall(text)
    if 2 * len(letters) > len(re.findall(r"\w", text)):
        return {"".join(letters[i : i + 3]) for i in range(len(letters) - 2)}
    words = re.findall(r"[\w’']+", text.lower())
    return {" ".join(words[i : i + 2]) for i in range(len(words) - 1)}


def alike(texts: list[str]) -> float:
    sets = [parts(text) for text in texts]
    return max(len(a & b) / len(a | b) for i, a in enumerate(sets) for b in sets[:i])


def test_the_finished_dataset_is_exact_and_clean_at_any_concurrency(tapc: Tapc) -> None:
    write(tapc.folder)
    tapc.run("faults.tap", "--concurrency", "64")
    rows = tapc.rows("faults", "preference")
    assert len(rows) == SAMPLES
    assert Counter(r["provenance"]["taxonomy"] for r in rows) == TOPICS
    assert Counter(r["provenance"]["axes"]["language"] for r in rows) == LANGUAGES
    for row in rows:
        language = row["provenance"]["axes"]["language"]
        question = row["prompt"][0]["content"].removesuffix(f" Answer in {NAMES[language]}.")
        for text in (question, row["chosen"][0]["content"], row["rejected"][0]["content"]):
            assert language_of(text) == language, text
            assert bank(language).refuse not in text
        assert row["chosen"] != row["rejected"]
        assert row["margin"] == row["score_chosen"] - row["score_rejected"] >= 0.25
        for scores in (row["scores_chosen"], row["scores_rejected"]):
            aspects = [scores["verdict.clarity"], scores["verdict.truth"]]
            assert all(aspect in {1.0, 2.0, 3.0, 4.0, 5.0} for aspect in aspects)
            assert scores["verdict.overall"] == sum(aspects) / 2
    assert alike([row["prompt"][0]["content"] for row in rows]) < 0.8

    manifest = tapc.manifest("faults")
    turned_down = manifest["rejected"]
    # at least these shares of the slots, so that the faults were there to be found
    assert turned_down["question"]["language"] >= 0.06 * SAMPLES, "of 10%"
    assert turned_down["question"]["duplicate"] >= 0.01 * SAMPLES, "of 5%, the first of each kind apart"
    assert turned_down["question"]["refusal"] >= 0.01 * SAMPLES, "of 3%"
    assert turned_down["answer"]["language"] >= 0.06 * SAMPLES
    assert sum(turned_down["verdict"].values()) >= 2 * 0.03 * SAMPLES, "of 5% that are malformed"
    assert turned_down["choice"]["tie"] >= 0.05 * SAMPLES, "of 8%"
    rejects = tapc.rows("faults", "rejects")
    counted: dict[str, Counter[str]] = {}
    for row in rejects:
        counted.setdefault(row["step"], Counter())[row["reason"]] += 1
    assert {step: dict(sorted(reasons.items())) for step, reasons in counted.items()} == turned_down
    assert all(row["reason"] for row in rejects)

    alone = Tapc(tapc.folder / "alone")
    alone.folder.mkdir()
    write(alone.folder)
    alone.run("faults.tap", "--concurrency", "1")
    assert alone.bytes_of("faults") == tapc.bytes_of("faults")


def test_a_changed_threshold_filters_anew_and_asks_for_replacements_only(tapc: Tapc) -> None:
    write(tapc.folder)
    first = tapc.run("faults.tap")
    before = {json.dumps(row["prompt"]) for row in tapc.rows("faults", "preference") if row["margin"] >= 0.75}
    write(tapc.folder, "0.75")
    second = tapc.run("faults.tap")
    rows = tapc.rows("faults", "preference")
    assert len(rows) == SAMPLES
    assert Counter(r["provenance"]["axes"]["language"] for r in rows) == LANGUAGES
    assert all(row["margin"] >= 0.75 for row in rows)
    assert before <= {json.dumps(row["prompt"]) for row in rows}, "what still passes stays"
    assert second["requests"]["cached"] >= first["requests"]["sent"] - first["requests"]["retried"] - 1
    assert second["requests"]["sent"] > 0
    again = tapc.run("faults.tap")
    assert again["requests"]["sent"] == 0
