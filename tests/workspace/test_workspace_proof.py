"""A difference claims how many replies are kept and lost; two runs with one store say whether that is so."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.engine import Silent
from tapc.plan import compare
from tapc.store import accounts, open_store
from tapc.workspace.diff import side_of
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1
dataset d {{
  samples {samples}
  seed {seed}
  taxonomy topic {{ rivers {rivers}: "{definition}", lakes: "Still water." }}
  mix tone {{ warm {warm}%, cold }}{mix}
  endpoint pen {{ model "{model}", price free, thinking {thinking} }}
  endpoint ink {{ model "sim-ink", price free }}
  rubric plain {{
    aspect clarity 1..5: "{clarity}"
    aspect depth 1..5: "Is it deep?"
  }}
  generate question {{ using pen, system "{system}", prompt "{question}", max_tokens 2000 }}
  generate answer {{ using {using}, each {each}, prompt "Answer: {{{{ question }}}}", max_tokens 2000, temperature {heat} }}
  judge verdict {{ of answer, using {judge}, rubric plain }}
  emit reward {{ from verdict }}
  emit records
  card {{ title "{title}" }}
}}
"""

PARTS = {
    "samples": (8, 11),
    "seed": (0, 4),
    "rivers": ("50%", "75%"),
    "definition": ("Running water.", "Water that runs."),
    "warm": (50, 25),
    "mix": ("", "\n  mix place { north, south }"),
    "model": ("sim-pen", "sim-quill"),
    "thinking": ("off", "on"),
    "clarity": ("Is it clear?", "Can one follow it?"),
    "system": ("You ask.", "You ask well."),
    "question": (
        "A {{ tone }} question about {{ topic }}.",
        "Ask about {{ topic }}: {{ tone }}.",
        "A {{ tone }} question about {{ topic }}: {{ topic.definition }}",
    ),
    "using": ("pen", "[pen, ink]", "1 of [pen, ink]"),
    "each": (1, 2),
    "heat": (0.5, 0.75),
    "judge": ("ink", "[ink, pen]"),
    "title": ("One", "Two"),
}
"""What an edit may change; the first of each is where a spec starts."""

PLAIN = {name: values[0] for name, values in PARTS.items()}
SPECS = st.dictionaries(st.sampled_from(sorted(PARTS)), st.integers(0, 2), max_size=3).map(
    lambda chosen: PLAIN | {name: PARTS[name][n % len(PARTS[name])] for name, n in chosen.items()}
)


def planned(folder: Path, parts):
    spec = folder / "d.tap"
    spec.write_text(SPEC.format(**parts), encoding="utf-8")
    counted = count_spec(check_spec(spec, settings={}, dataset=None))
    assert counted.planned is not None, counted.diagnostics
    return counted.planned


def sent(plan, folder: Path) -> dict[str, int]:
    """Requests that each step has sent so far, after a run of a plan."""
    options = RunOptions(out=folder / "out", store=folder / "store")
    report = run_plan(plan, options, sources=(), environ={}, observer=Silent())
    assert report.status == "ok"
    assert not report.manifest.rejected, "simulated replies of this spec all pass, so that nothing is random"
    store = open_store(folder / "store", offline=True)
    try:
        lines = next(one for one in accounts(store, latest=0) if one.dataset == "d").lines
        return {line.name: line.spent.requests for line in lines if line.kind == "step"}
    finally:
        store.close()


@given(SPECS, SPECS)
@settings(max_examples=25, deadline=None)
def test_what_a_difference_claims_is_what_runs_send(first, second):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before, after = planned(folder, first), planned(folder, second)
        document = compare(side_of(before, "before"), side_of(after, "after"))
        then = sent(before, folder)
        now = sent(after, folder)
    proof = {row.name: row for row in document.proof}
    assert proof.keys() == then.keys() == now.keys()
    for name, row in proof.items():
        if name == "verdict" and 2 in (first["each"], second["each"]):
            # two answers to one question can be equal by chance, and are then judged once
            assert row.before >= then[name] and row.new >= now[name] - then[name]
        else:
            assert (row.before, row.new) == (then[name], now[name] - then[name])
    for row in proof.values():
        assert row.before == row.kept + row.dropped + sum(group.count for group in row.lost)
        assert all(group.why for group in row.lost)

    paid = sum(row.new for row in proof.values())
    lost_and_asked = any(row.lost and row.new for row in proof.values())
    if document.severity in ("none", "settings", "refilter"):
        assert paid == 0
    elif document.severity == "extend":
        assert paid > 0
    else:
        assert lost_and_asked or document.anew > 0
    assert (document.severity == "none") == (before.digest == after.digest)


@given(st.sampled_from(sorted(PARTS)), st.data())
@settings(max_examples=40, deadline=None)
def test_reasons_name_the_edit(name, data):
    value = data.draw(st.sampled_from(PARTS[name][1:]))
    start = PLAIN | {"using": "[pen, ink]", "each": 2}
    if start[name] == value:
        value = PARTS[name][0]
    if name == "definition":
        start["question"] = PARTS["question"][2]
    with tempfile.TemporaryDirectory() as folder:
        before, after = planned(Path(folder), start), planned(Path(folder), start | {name: value})
        document = compare(side_of(before, "before"), side_of(after, "after"))
    reasons = {row.name: {why for group in row.lost for why in group.why} for row in document.proof}
    old, new = start[name], value
    own = {
        "seed": ("question", f"seed {old} → {new}"),
        "definition": ("question", "topic.rivers.definition changed"),
        "model": ("question", f"model {old} → {new}"),
        "thinking": ("question", f"thinking {old} → {new}"),
        "clarity": ("verdict", "rubric plain changed"),
        "system": ("question", "system changed"),
        "question": ("question", "prompt changed"),
        "heat": ("answer", f"temperature {old} → {new}"),
    }
    expected = {"question": set(), "answer": set(), "verdict": set()}
    if name in own:
        step, why = own[name]
        expected[step].add(why)
        later = {"question": ("answer", "verdict"), "answer": ("verdict",), "verdict": ()}[step]
        for read, reader in zip((step, *later), later, strict=False):
            expected[reader].add(f"{read} is asked again")
    if name in ("seed", "model", "thinking"):
        expected["answer"].add(own[name][1])
    if name == "each":
        expected["answer"], expected["verdict"] = {"no longer asked"}, {"no longer asked"}
    if name == "using":
        for step in ("answer", "verdict"):
            assert reasons.pop(step), "an endpoint less asks less"
            expected.pop(step)
    assert reasons == expected
