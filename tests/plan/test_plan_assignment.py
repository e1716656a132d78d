"""Rows by slot: each once, by pool, and stable when rows, samples or shares change; over random spaces and rows."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from row_tables import MIXES, numbered, planned, table

from tapc.ir import Mix, MixValue
from tapc.plan import Planned, lock_of
from tapc.steps import InputRow

LANGUAGES = ("de", "en", "sw")
sizes_by_language = st.fixed_dictionaries({(n,): st.integers(0, 40) for n in LANGUAGES})


def text_of(plan, key, sources=None):
    row = (sources or plan.tools().rows)["rows"].row(key)
    return None if row is None else row.text


def dealt(plan):
    """The text of every slot, in order of rank, with its values."""
    sources = plan.tools().rows
    return [(text_of(plan, key, sources), tuple(plan.views.axes(key.leaf, key.values).values())) for key in plan.slots]


def replacements(plan, count):
    """The first replacements of the cells in turn, as a fold asks for them."""
    spare, keys = plan.replacements(), list(plan.slots)
    cells = list(dict.fromkeys(key.cell for key in keys))
    of = {key.cell: key for key in keys}
    return [spare.replacement(of[cells[n % len(cells)]], n // len(cells), len(keys) + n) for n in range(count)]


@settings(max_examples=40, deadline=None)
@given(sizes_by_language, st.integers(1, 60))
def test_every_slot_has_a_row_of_its_own_from_its_pool_or_the_plan_says_which_lacks_some(sizes, samples):
    plan = planned(samples, numbered(("language",), sizes))
    if not isinstance(plan, Planned):
        assert [p.kind for p in plan] == ["rows"]
        assert any(
            f"language {name}: {size} rows for" in note for (name,), size in sizes.items() for note in plan[0].notes
        )
        return
    found = dealt(plan)
    assert len({text for text, _ in found}) == len(found) == samples
    assert all(text.startswith(f"{language}:") for text, (language, _) in found)
    assert dealt(plan) == found, "a second fold has the same"
    assert len({key.drawn for key in plan.slots}) == samples


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 20))
def test_more_slots_add_rows_and_with_the_lock_they_change_nothing_else(samples, more, least):
    rows = numbered(("language",), dict.fromkeys([(n,) for n in LANGUAGES], 60))
    first = planned(samples, rows)
    larger = planned(samples + more, rows)
    assert {text for text, _ in dealt(first)} <= {text for text, _ in dealt(larger)}
    raised = planned(samples + more, rows, lock=lock_of(first.allocation))
    there = {(key.cell, key.ordinal) for key in first.slots} & {(key.cell, key.ordinal) for key in raised.slots}
    kept = [place for place in dealt(first) if place in dealt(raised)]
    if len(there) == samples:  # no cell lost a slot to another one
        assert dealt(raised)[:samples] == dealt(first)
    assert len(kept) >= len(there) - 3 * (samples - len(there))
    lowered = planned(max(1, samples - least), rows, lock=lock_of(raised.allocation))
    again = planned(samples + more, rows, lock=lock_of(lowered.allocation))
    assert dealt(planned(samples + more, rows, lock=lock_of(raised.allocation))) == dealt(raised)
    assert {text for text, _ in dealt(again)} == {text for text, _ in dealt(raised)}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 59), st.booleans())
def test_a_row_that_is_deleted_is_exchanged_for_one_and_nothing_happens_if_no_slot_has_it(samples, gone, in_cells):
    mixes = MIXES if in_cells else ()
    texts = [f"row {n}" for n in range(60)]
    of = lambda given: planned(samples, table((), {(): [InputRow(text, {}) for text in given]}), mixes=mixes)  # noqa: E731
    before, after = of(texts), of([*texts[:gone], *texts[gone + 1 :]])
    used = [text for text, _ in dealt(before)]
    drawn = {text: key.drawn for (text, _), key in zip(dealt(before), before.slots, strict=True)}
    now = {text: key.drawn for (text, _), key in zip(dealt(after), after.slots, strict=True)}
    if texts[gone] not in used:
        assert dealt(after) == dealt(before)
        return
    assert len(now.keys() - drawn.keys()) == 1
    assert drawn.keys() - now.keys() == {texts[gone]}
    assert all(drawn[text] == own for text, own in now.items() if text in drawn)


def test_a_deleted_row_moves_few_others_to_another_cell():
    texts = [f"row {n}" for n in range(60)]
    of = lambda given: dict(dealt(planned(40, table((), {(): [InputRow(text, {}) for text in given]}))))  # noqa: E731
    before = of(texts)
    moved = [
        sum(before[text] != cell for text, cell in of([t for t in texts if t != gone]).items() if text in before)
        for gone in before
    ]
    # Six cells: each row that is exchanged moves 1 + ln(6) others at most on average; by position it was half of all.
    assert sum(moved) / len(moved) < 2.8
    assert max(moved) <= 6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30))
def test_replacements_take_the_rows_that_are_left_each_once_and_then_none(left):
    plan = planned(10, numbered((), {(): 10 + left}))
    keys = replacements(plan, left + 3)
    sources = plan.tools().rows
    found = [text_of(plan, key, sources) for key in keys]
    assert found[left:] == [None] * 3
    assert {*found[:left], *(text for text, _ in dealt(plan))} == {f":{n}" for n in range(10 + left)}
    assert len({key.drawn for key in (*plan.slots, *keys)}) == len(plan.slots) + len(keys)
    assert [text_of(plan, key, sources) for key in keys] == found, "asked twice, the same row"
    assert replacements(plan, left + 3) == keys, "another fold gives the same"


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 60), st.integers(0, 59))
def test_a_deleted_row_changes_the_rows_of_few_replacements(samples, gone):
    texts = [f"row {n}" for n in range(120)]
    of = lambda given: planned(samples, table((), {(): [InputRow(text, {}) for text in given]}))  # noqa: E731
    before, after = of(texts), of([*texts[:gone], *texts[gone + 1 :]])
    some = [key.drawn for key in replacements(before, 6)]
    others = [key.drawn for key in replacements(after, 6)]
    assert sum(a != b for a, b in zip(some, others, strict=True)) <= 3


def test_a_replacement_in_a_part_of_the_plan_has_no_row_of_a_planned_slot():
    """With `--limit`, replacements have ranks that the whole plan gives to other slots."""
    plan = planned(12, numbered((), {(): 20}))
    keys = list(plan.slots)
    replacement = plan.replacements().replacement(keys[0], 0, 3)
    assert replacement.rank == keys[3].rank
    assert text_of(plan, replacement) not in {None, *(text for text, _ in dealt(plan))}


def test_replacements_belong_to_the_pool_of_their_cell():
    plan = planned(12, numbered(("language",), dict.fromkeys([(n,) for n in LANGUAGES], 12)))
    sources = plan.tools().rows
    for key in replacements(plan, 20):
        text = text_of(plan, key, sources)
        assert text is None or text.startswith(plan.views.axes(key.leaf, key.values)["language"])


@settings(max_examples=40, deadline=None)
@given(sizes_by_language)
def test_all_rows_of_one_axis_are_dealt(sizes):
    plan = planned(None, numbered(("language",), sizes))
    if not any(sizes.values()):
        assert [p.kind for p in plan] == ["rows"]
        return
    assert plan.allocation.counts()["language"] == {name: n for (name,), n in sizes.items()}
    easy, hard = plan.allocation.counts()["level"].values()
    assert abs(easy - hard) <= 1
    assert len({text for text, _ in dealt(plan)}) == sum(sizes.values())


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries({(a, b): st.integers(0, 9) for a in LANGUAGES for b in ("easy", "hard")}))
def test_all_rows_of_several_axes_are_dealt(sizes):
    plan = planned(None, numbered(("language", "level"), sizes))
    if not any(sizes.values()):
        assert [p.kind for p in plan] == ["rows"]
        return
    found = dealt(plan)
    assert Counter(axes for _, axes in found) == Counter({name: n for name, n in sizes.items() if n})
    assert plan.allocation.samples == sum(sizes.values()) == len({text for text, _ in found})


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(0, 29), st.integers(0, 49))
def test_rows_of_a_further_input_stay_with_the_rows_that_slots_are_drawn_as(samples, gone, other):
    texts, answers = [f"row {n}" for n in range(50)], [f"more {n}" for n in range(50)]

    def pairs(texts, answers):
        plan = planned(
            samples,
            table((), {(): [InputRow(text, {}) for text in texts]}),
            table((), {(): [InputRow(text, {}) for text in answers]}, "more"),
            mixes=(Mix(name="level", values=(MixValue(name="easy"), MixValue(name="hard"))),),
        )
        sources = plan.tools().rows
        found = {}
        for key in (*plan.slots, *replacements(plan, 5)):
            found[sources["rows"].row(key).text] = key.drawn, sources["more"].row(key).text
        assert len({more for _, more in found.values()}) == len(found)
        return found

    before = pairs(texts, answers)
    after = pairs(texts[:gone] + texts[gone + 1 :], answers)
    assert all(before[text][0] == drawn for text, (drawn, _) in after.items() if text in before)
    moved = sum(before[text] != pair for text, pair in after.items() if text in before)
    assert moved <= 12
    edited = pairs(texts, answers[:other] + answers[other + 1 :])
    assert {text: drawn for text, (drawn, _) in edited.items()} == {text: drawn for text, (drawn, _) in before.items()}
