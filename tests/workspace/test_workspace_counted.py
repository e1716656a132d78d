"""Contradictions that only counting finds break the same rules, and have the same codes, as those seen at once."""

import pytest

from tapc.workspace.check.counts import check_counts

SPEC = """tap 1
dataset d {
  samples AMOUNT
  taxonomy topic { NODES }
  endpoint writer { model "sim" }
  STEPS
  emit sft { from answer }
}
"""
ASK = 'generate answer { using writer, prompt "{{ topic }}" }'
FOLLOW = (
    'input rows { file "rows.jsonl", field text } generate answer { using writer, prompt "{{ topic }} {{ rows }}" }'
)


def found(folder, amount, nodes, steps=ASK):
    path = folder / "a.tap"
    (folder / "rows.jsonl").write_text('{"text": "a"}\n{"text": "b"}\n{"text": "c"}\n')
    steps = steps.replace("} generate", "}\n  generate")
    path.write_text(SPEC.replace("AMOUNT", amount).replace("NODES", nodes).replace("STEPS", steps))
    return [(d.code, d.message) for d in check_counts(path, settings={}, dataset=None)]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ("a 50% { p count 60, q }, b 30% at_most 10, c", "children need 60, topic.a has 50, over by 10"),
        (
            "a 50% { p 1 at_most 10, q 2 at_most 9 }, b 30% at_most 10, c",
            "children can take 19 at most, topic.a has 50, 31 are left over",
        ),
    ],
)
def test_what_a_clamped_sibling_leaves_is_known_only_after_counting(tmp_path, nodes, message):
    assert found(tmp_path, "100", nodes) == [("TAP203", message)]


def test_counts_are_held_against_the_rows_of_an_input(tmp_path):
    assert found(tmp_path, "all", "a count 5, b", FOLLOW) == [("TAP203", "children need 5, topic has 3, over by 2")]
    assert found(tmp_path, "all", "a count 2, b", FOLLOW) == []


def test_all_rows_of_one_input(tmp_path):
    two = 'input more { file "rows.jsonl", field text } ' + FOLLOW.replace("{{ rows }}", "{{ rows }} {{ more }}")
    two = two.replace("} input", "}\n  input")
    message = "`samples all` takes the rows of one `input`, and this dataset has 2: `more`, `rows`"
    assert found(tmp_path, "all", "a, b", two) == [("TAP428", message)]


def test_more_samples_than_can_be_counted(tmp_path):
    message = "`samples` must be at least 1 and at most 268,435,456"
    assert found(tmp_path, "1G", "a, b") == [("TAP108", message)]
    assert found(tmp_path, "268435456", "a, b") == []
