"""Pairing: every form of the language, and what never happens."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from stepkit import Driver, Pair, Short, dataset, generate, judge, scale, slot

from tapc.jobs import Message
from tapc.kinds.compiling import compile_steps
from tapc.steps import Candidate, Generated, Judged, Verdict

F = Fraction
PROMPT = (Message("user", "Ask"),)


def candidate(index, text=None, endpoint="writer", **fields):
    fields.setdefault("messages", PROMPT)
    return Candidate(
        index, endpoint, endpoint, text or f"text {index}", None, "", key=bytes([index]) * 32, attempt=0, **fields
    )


def pairing(marks, *, by=("verdict.quality",), candidates=None, lower=False, ordinal=0, **fields):
    """Pair candidates with given scores; marks: index to a score, or to a tuple parallel to `by`."""
    names = [name.partition(".")[2] for name in by]
    rows = {i: mark if isinstance(mark, tuple) else (mark,) for i, mark in marks.items()}
    aspects = [scale(name, 0, 10, lower=lower) for name in names]
    steps = (
        generate("answer", "Ask", each=len(rows)),
        judge("verdict", "answer", *aspects),
        Pair(name="choice", of="answer", by=by, **fields),
    )
    program = compile_steps(dataset(*steps))[-1]
    state = slot(ordinal)
    state.results["answer"] = Generated(tuple(candidates or [candidate(i) for i in rows]))
    state.results["verdict"] = Judged(
        "answer",
        tuple(
            Verdict(i, tuple((n, v if isinstance(v, bool | None) else F(v)) for n, v in zip(names, row, strict=True)))
            for i, row in rows.items()
        ),
    )
    result = Driver(lambda job: None).run(program.run(state))
    found = result if isinstance(result, Short) else [(p.chosen, p.rejected, p.margin) for p in result.pairs]
    return found, state


def test_best_and_worst():
    assert pairing({0: 3, 1: 5, 2: 1, 3: 4})[0] == [(1, 2, 4)]
    assert pairing({0: 3, 1: 5, 2: 1, 3: 4}, lower=True)[0] == [(2, 1, 4)]


def test_ties_are_dropped_with_a_reason():
    found, state = pairing({0: 3, 1: 3})
    assert (found.reason, [r.reason for r in state.rejections]) == ("tie", ["tie"])


def test_what_is_no_pair_is_turned_down_by_name_though_other_pairs_stand():
    found, state = pairing({0: 3, 1: 3, 2: 1}, all=True)
    assert found == [(0, 2, 2), (1, 2, 2)]
    turned_down = [(r.candidate, r.reason, r.text, r.endpoint) for r in state.rejections]
    assert turned_down == [(1, "tie", "text 1", "writer")]
    assert state.rejections[0].detail == "both score 3; beside candidate 0"


def test_equal_texts_are_dropped_and_the_next_worst_is_taken():
    same = [candidate(0, "same"), candidate(1, "other"), candidate(2, "same")]
    assert pairing({0: 5, 1: 3, 2: 1}, candidates=same)[0] == [(0, 1, 2)]
    found, _ = pairing({0: 5, 1: 3}, candidates=[candidate(0, "same"), candidate(1, "same")])
    assert found.reason == "equal-texts"


def test_lexicographic_scores_let_a_safe_answer_outrank_an_unsafe_one():
    by = ("verdict.safe", "verdict.help")
    assert pairing({0: (False, 9), 1: (True, 2), 2: (True, 4), 3: (False, 1)}, by=by)[0] == [(2, 3, 1)]
    assert pairing({0: (True, 4), 1: (True, 2)}, by=by)[0] == [(0, 1, 0)]


def test_margins_bound_the_first_score():
    assert pairing({0: 5, 1: 4}, margin=F(2))[0].reason == "margin"
    assert pairing({0: 5, 1: 3}, margin=F(2))[0] == [(0, 1, 2)]
    assert pairing({0: 9, 1: 7, 2: 1}, margin=F(1), margin_at_most=F(3))[0] == [(0, 1, 2)]
    assert pairing({0: 9, 1: 1}, margin=F(1), margin_at_most=F(3))[0].reason == "margin"


def test_chosen_must_be_good_enough_in_its_own_direction():
    assert pairing({0: 5, 1: 3}, chosen_at_least=F(6))[0].reason == "chosen-too-weak"
    assert pairing({0: 6, 1: 3}, chosen_at_least=F(6))[0] == [(0, 1, 3)]
    assert pairing({0: 2, 1: 5}, chosen_at_least=F(3), lower=True)[0] == [(0, 1, 3)]


def test_sides_from_endpoints():
    crowd = [
        candidate(0, endpoint="a"),
        candidate(1, endpoint="b"),
        candidate(2, endpoint="a"),
        candidate(3, endpoint="b"),
    ]
    fields = {"chosen": "endpoint", "chosen_of": "a", "rejected": "endpoint", "rejected_of": "b"}
    assert pairing({0: 3, 1: 2, 2: 4, 3: 1}, candidates=crowd, **fields)[0] == [(2, 3, 3)]
    found, _ = pairing({0: 1, 1: 2, 2: 1, 3: 3}, candidates=crowd, **fields)
    assert found.reason == "wrong-way"
    assert pairing({0: 3, 1: 2, 2: 4, 3: 1}, candidates=crowd, within="endpoint")[0] == [(2, 0, 1), (1, 3, 1)]


def test_all_admissible_pairs():
    found, _ = pairing({0: 3, 1: 1, 2: 3, 3: 2}, all=True, margin=F(1))
    assert sorted(found) == [(0, 1, 2), (0, 3, 1), (2, 1, 2), (2, 3, 1), (3, 1, 1)]


def test_random_is_fair_depends_on_the_slot_and_not_on_places():
    counts = {1: 0, 2: 0, 3: 0}
    for ordinal in range(300):
        ((chosen, rejected, _),), _ = pairing({0: 9, 1: 1, 2: 2, 3: 3}, rejected="random", ordinal=ordinal)
        assert chosen == 0
        counts[rejected] += 1
    assert min(counts.values()) > 60
    assert (
        pairing({0: 9, 1: 1, 2: 2}, rejected="random", ordinal=7)[0]
        == pairing({0: 9, 1: 1, 2: 2}, rejected="random", ordinal=7)[0]
    )


def test_quantiles_count_from_the_worst():
    marks = {i: i for i in range(11)}
    for share, rejected in (("0", 0), ("1/10", 1), ("1/2", 5), ("1", 9)):
        ((chosen, found, _),), _ = pairing(marks, rejected="quantile", rejected_of=share)
        assert (chosen, found) == (10, rejected)


def test_candidates_without_scores_and_of_other_prompts_are_not_paired():
    found, _ = pairing({0: 5, 1: None})
    assert found.reason == "missing-score"
    parents = [candidate(0, parent=0), candidate(1, parent=1), candidate(2, parent=0)]
    assert pairing({0: 5, 1: 1, 2: 3}, candidates=parents)[0] == [(0, 2, 2)]
    prompts = [candidate(0), candidate(1, messages=(Message("user", "Other"),))]
    assert pairing({0: 5, 1: 1}, candidates=prompts)[0].reason == "no-pair"
    systems = [candidate(0), candidate(1, messages=(Message("system", "Be kind"), *PROMPT))]
    assert pairing({0: 5, 1: 1}, candidates=systems)[0] == [(0, 1, 4)]


MARK = st.integers(0, 4)


@given(
    st.lists(st.tuples(MARK, MARK, st.sampled_from("xyz"), st.sampled_from(["a", "b"])), min_size=1, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "rejected": st.sampled_from(["worst", "random"]),
            "margin": st.integers(1, 2).map(F),
            "margin_at_most": st.integers(2, 3).map(F),
            "chosen_at_least": st.integers(2, 4).map(F),
            "within": st.just("endpoint"),
            "all": st.booleans(),
        },
    ),
    st.booleans(),
)
@settings(max_examples=120, deadline=None)
def test_what_holds_for_every_pair(rows, fields, lower):
    people = [candidate(i, word, endpoint) for i, (_, _, word, endpoint) in enumerate(rows)]
    marks = {i: (first, second) for i, (first, second, _, _) in enumerate(rows)}
    found, state = pairing(marks, by=("verdict.a", "verdict.b"), candidates=people, lower=lower, **fields)
    if isinstance(found, Short):
        assert state.rejections[0].reason == found.reason
        admissible = 0
    else:
        admissible = len(found)
    sign = -1 if lower else 1
    for chosen, rejected, margin in [] if isinstance(found, Short) else found:
        a, b = rows[chosen], rows[rejected]
        assert (sign * a[0], sign * a[1]) > (sign * b[0], sign * b[1])
        assert a[2] != b[2]
        assert margin == abs(a[0] - b[0]) >= fields.get("margin", 0)
        assert margin <= fields.get("margin_at_most", 99)
        assert "within" not in fields or a[3] == b[3]
        bound = fields.get("chosen_at_least")
        assert bound is None or (a[0] <= bound if lower else a[0] >= bound)
    if fields.get("all"):
        everything = [(i, j) for i in range(len(rows)) for j in range(len(rows)) if i != j]
        good = [
            (i, j)
            for i, j in everything
            if (sign * rows[i][0], sign * rows[i][1]) > (sign * rows[j][0], sign * rows[j][1])
            and rows[i][2] != rows[j][2]
            and fields.get("margin", 0) <= abs(rows[i][0] - rows[j][0]) <= fields.get("margin_at_most", 99)
            and ("within" not in fields or rows[i][3] == rows[j][3])
            and (
                "chosen_at_least" not in fields
                or (rows[i][0] <= fields["chosen_at_least"] if lower else rows[i][0] >= fields["chosen_at_least"])
            )
        ]
        assert admissible == len(good)
