"""Mixes that are added later: samples are drawn without them, and everything is as exact as before."""

from collections import Counter
from fractions import Fraction

import pytest
from brute_force import check
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from space_specs import random_space, standard, weights, when
from space_strategies import spaces

from tapc.ir import Condition, Exclusion, MixRule, Moved, Space
from tapc.ir import Test as Membership
from tapc.plan.lock import lock_of, read_lock, write_lock
from tapc.plan.slots import Slots, SpareSlots
from tapc.quota import Lock, allocate
from tapc.source import SourceFile


def read(text):
    lock = read_lock(SourceFile("x.lock", text))
    assert isinstance(lock, Lock), lock
    return lock


def needed(space, names):
    """The names, and all mixes on which the shares of these depend; found from the rules alone."""
    found = set(names)
    while True:
        more = {
            test.axis
            for one in (*space.rules, *space.exclusions)
            if one.mix in found and one.condition is not None
            for test in one.condition.tests
        }
        more = {mix.name for mix in space.mixes if mix.name in more} | found
        if more == found:
            return found
        found = more


def only(space, names):
    return Space(
        taxonomy=space.taxonomy,
        mixes=tuple(mix for mix in space.mixes if mix.name in names),
        rules=tuple(rule for rule in space.rules if rule.mix in names),
        exclusions=tuple(one for one in space.exclusions if one.mix in names),
    )


def drawn(allocation):
    return [(key.drawn.cell, key.drawn.ordinal) for key in Slots(allocation)]


def seen(allocation):
    """What steps see of each slot, by what it is drawn as."""
    leaves = [".".join(allocation.tree.parts[int(node)]) for node in allocation.tree.leaves]
    return {
        (key.drawn.cell, key.drawn.ordinal): (
            leaves[key.leaf],
            {name: values[v] for (name, values), v in zip(allocation.mixes, key.values, strict=True)},
        )
        for key in Slots(allocation)
    }


def check_slots(allocation):
    """Slots are drawn and counted once each, and cells have their counts."""
    slots = list(Slots(allocation))
    assert len({(key.drawn.cell, key.drawn.ordinal) for key in slots}) == len(slots) == allocation.samples
    assert len({(key.cell, key.ordinal) for key in slots}) == len(slots)
    assert [key.rank for key in slots] == list(range(len(slots)))
    held = Counter(key.cell for key in slots)
    assert held == {allocation.cell(n): count for n, count in enumerate(allocation.count.tolist())}
    assert all(key.ordinal < held[key.cell] for key in slots)
    for key in slots:
        index = Slots(allocation).find(key.cell) if len(slots) < 20 else None
        if index is not None:
            assert (int(allocation.leaf[index]), tuple(allocation.values[index])) == (key.leaf, key.values)
    assert [allocation.cell(n) for n in Slots(allocation).places().cell.tolist()] == [key.cell for key in slots]


class History:
    """Plans one after another, each with the lock of the one before, as text."""

    def __init__(self):
        self.text = None

    def plan(self, space, samples):
        found = allocate(space, samples, None if self.text is None else read(self.text))
        if isinstance(found, list):
            return None
        text = write_lock(lock_of(found))
        assert write_lock(read(text)) == text
        again = allocate(space, samples, read(text))
        assert again.digest == found.digest, "a lock of the plan is the plan"
        assert write_lock(lock_of(again)) == text
        assert seen(again) == seen(found)
        assert drawn(again) == drawn(found)
        self.text = text
        return found


@settings(max_examples=120, deadline=None)
@given(spaces(), st.data())
def test_late_mixes_are_exact_and_change_nothing_else(given_space, data):
    space, samples = given_space
    assume(space.mixes and samples <= 700)
    names = sorted(mix.name for mix in space.mixes)
    first = needed(space, data.draw(st.sets(st.sampled_from(names))))
    assume(len(first) < len(names))
    history = History()
    before = history.plan(only(space, first), samples)
    whole = allocate(space, samples)
    assume(before is not None)
    after = history.plan(space, samples)
    assert (after is None) == isinstance(whole, list), "a late mix is possible where an early one is"
    assume(after is not None)
    assert drawn(after) == drawn(before), "the same slots, in the same order"
    assert after.late is not None
    assert after.late.base.digest == before.digest
    check_slots(after)
    pair = check(space, samples, after, frozenset(names) - first)
    assert abs(pair - after.deviation().pair) < Fraction(1, 10**9)
    then = seen(before)
    for slot, (leaf, values) in seen(after).items():
        assert (leaf, {name: values[name] for name in first}) == then[slot]
    back = history.plan(only(space, first), samples)
    assert back.digest == before.digest, "without the late mixes it is the plan from before"
    forth = history.plan(space, samples)
    assert seen(forth).keys() == seen(after).keys()


@settings(max_examples=80, deadline=None)
@given(st.lists(spaces(), min_size=1, max_size=2), st.data())
def test_every_lock_with_late_mixes_is_the_plan_it_was_made_of(options, data):
    """Mixes come and go, samples come and go; what is undone is undone, to the value of every slot."""
    history, known = History(), []
    for _ in range(data.draw(st.integers(2, 7))):
        space, samples = data.draw(st.sampled_from(options))
        samples = min(samples, 300) * data.draw(st.sampled_from([1, 1, 2])) // data.draw(st.sampled_from([1, 1, 2]))
        chosen = needed(space, data.draw(st.sets(st.sampled_from(sorted(mix.name for mix in space.mixes) or ["-"]))))
        space = only(space, chosen)
        found = history.plan(space, samples)
        if found is None:
            continue
        check_slots(found)
        check(space, samples, found)
        if known and known[-1][2].tree.axis != found.tree.axis:
            known = []
        at = [n for n, (then, size, _, _) in enumerate(known) if (then, size) == (space, samples)]
        if at:
            _, _, then, text = known[at[-1]]
            assert history.text == text, "an undone edit is undone"
            assert then.digest == found.digest
            assert seen(then) == seen(found)
            del known[at[-1] + 1 :]
        else:
            known.append((space, samples, found, history.text))


def with_persona(shares, **more):
    space = standard([4, 5], {"en": 50, "zh": 30, "sw": 20})
    return Space(taxonomy=space.taxonomy, mixes=(*space.mixes, weights("persona", shares)), **more)


def changed(before, after):
    then, now = seen(before), seen(after)
    return sum(then[slot] != now[slot] for slot in then.keys() & now.keys())


def test_more_samples_keep_the_late_values_of_the_others():
    history = History()
    history.plan(standard([4, 5], {"en": 50, "zh": 30, "sw": 20}), 900)
    before = history.plan(with_persona({"kid": 1, "adult": 2, "expert": 1}), 900)
    after = history.plan(with_persona({"kid": 1, "adult": 2, "expert": 1}), 990)
    assert drawn(after)[:900] == drawn(before) or len(set(drawn(before)) - set(drawn(after))) < 9
    moved = changed(before, after)
    assert moved < 45, f"{moved} of 900"
    back = history.plan(with_persona({"kid": 1, "adult": 2, "expert": 1}), 900)
    assert changed(before, back) == 0


def test_an_edited_share_moves_few_slots():
    history = History()
    history.plan(standard([4, 5], {"en": 50, "zh": 30, "sw": 20}), 1000)
    before = history.plan(with_persona({"kid": 25, "adult": 50, "expert": 25}), 1000)
    after = history.plan(with_persona({"kid": 30, "adult": 45, "expert": 25}), 1000)
    assert drawn(after) == drawn(before)
    # 50 must move. So do some more, since 180 cells of about six samples each are rounded.
    assert 50 <= changed(before, after) <= 160
    least = sum(max(0, before_count - after_count) for before_count, after_count in _counts_of_both(before, after))
    assert changed(before, after) == least, "no more than the counts of cells require"


def _counts_of_both(before, after):
    counts = {before.cell(n): [count, 0] for n, count in enumerate(before.count.tolist())}
    for n, count in enumerate(after.count.tolist()):
        counts.setdefault(after.cell(n), [0, 0])[1] = count
    return counts.values()


def test_a_second_late_mix_leaves_the_first_as_it_is():
    history = History()
    history.plan(standard([4, 5], {"en": 50, "zh": 30, "sw": 20}), 500)
    before = history.plan(with_persona({"kid": 1, "adult": 2}), 500)
    space = with_persona({"kid": 1, "adult": 2})
    space = Space(taxonomy=space.taxonomy, mixes=(*space.mixes, weights("tone", {"dry": 3, "warm": 2})))
    after = history.plan(space, 500)
    check(space, 500, after)
    then, now = seen(before), seen(after)
    assert {slot: values["persona"] for slot, (_, values) in then.items()} == {
        slot: values["persona"] for slot, (_, values) in now.items()
    }
    shares = Counter((values["persona"], values["tone"]) for _, values in now.values())
    assert all(
        abs(shares[p, t] - 500 * a * b) < 1
        for p, a in (("kid", Fraction(1, 3)), ("adult", Fraction(2, 3)))
        for t, b in (("dry", Fraction(3, 5)), ("warm", Fraction(2, 5)))
    )
    gone = history.plan(with_persona({"kid": 1, "adult": 2}), 500)
    assert changed(before, gone) == 0
    first = [values["tone"] for _, values in list(now.values())[:60]]
    assert 20 <= first.count("dry") <= 50, "the first slots are spread over late values"


def test_a_late_mix_on_which_the_identity_depends_joins_it():
    """Everything is drawn again, and an undone edit brings all back."""
    plain = standard([3], {"en": 50, "sw": 50})
    history = History()
    first = history.plan(plain, 200)
    late = Space(taxonomy=plain.taxonomy, mixes=(*plain.mixes, weights("persona", {"kid": 1, "adult": 1})))
    second = history.plan(late, 200)
    assert drawn(first) == drawn(second)
    rule = when({"persona": ("kid",)}, "language", {"en": 9, "sw": 1})
    depending = Space(taxonomy=late.taxonomy, mixes=late.mixes, rules=(rule,))
    third = history.plan(depending, 200)
    assert third.late is None
    check(depending, 200, third)
    assert not set(drawn(third)) & set(drawn(second))
    assert "identity difficulty language persona:3" in history.text.splitlines()
    grown = history.plan(depending, 220)
    assert set(drawn(third)) <= set(drawn(grown)) or len(set(drawn(third)) - set(drawn(grown))) < 8
    back = history.plan(late, 200)
    assert seen(back) == seen(second)
    assert "identity difficulty language" in history.text.splitlines()
    assert seen(history.plan(plain, 200)) == seen(first)


@pytest.mark.parametrize("condition", ["rule", "exclusion"])
def test_a_late_mix_may_depend_on_the_identity_and_on_late_mixes(condition):
    plain = standard([3], {"en": 50, "sw": 50})
    history = History()
    first = history.plan(plain, 300)
    mixes = (*plain.mixes, weights("persona", {"kid": 1, "adult": 1}), weights("tone", {"dry": 1, "warm": 2}))
    tests = Condition(tests=(Membership(axis="persona", values=("kid",)),))
    rules = (MixRule(condition=tests, mix="tone", shares=when({}, "tone", {"dry": 1, "warm": 9}).shares),)
    gone = (Exclusion(mix="tone", values=("dry",), condition=tests),)
    space = Space(
        taxonomy=plain.taxonomy,
        mixes=mixes,
        rules=rules if condition == "rule" else (),
        exclusions=gone if condition == "exclusion" else (),
    )
    after = history.plan(space, 300)
    assert drawn(after) == drawn(first)
    check(space, 300, after)
    dry = Counter(values["persona"] for _, values in seen(after).values() if values["tone"] == "dry")
    assert dry["kid"] in ((15,) if condition == "rule" else (0,))
    assert dry["adult"] == 50


def test_replacements_share_one_counter_per_base_cell():
    history = History()
    history.plan(standard([2], {"en": 1}), 60)
    space = Space(
        taxonomy=standard([2], {"en": 1}).taxonomy,
        mixes=(*standard([2], {"en": 1}).mixes, weights("persona", {"kid": 1, "adult": 2})),
    )
    plan = history.plan(space, 60)
    slots = list(Slots(plan))
    spare = SpareSlots(Slots(plan))
    made, used = [], Counter()
    for key in [*slots, *slots[:7], *slots]:
        made.append(spare.replacement(key, used[key.cell], 60 + len(made)))
        used[key.cell] += 1
        assert (made[-1].cell, made[-1].leaf, made[-1].values) == (key.cell, key.leaf, key.values)
        assert made[-1].drawn.cell == key.drawn.cell
        assert made[-1].ordinal == spare.planned(key) + used[key.cell] - 1
    everything = [(key.drawn.cell, key.drawn.ordinal) for key in (*slots, *made)]
    assert len(set(everything)) == len(everything)
    of = Counter(cell for cell, _ in everything)
    assert all(ordinal < of[cell] for cell, ordinal in everything), "none is left out"


def test_locks_keep_their_size_and_order_over_many_plans():
    """More plans than a lock returns to: the oldest are given up, the values of slots are not."""
    plain = standard([3, 2], {"en": 50, "sw": 50})
    history = History()
    history.plan(plain, 40)
    before = None
    for n in range(24):
        shares = {"kid": 2 + n % 3, "adult": 5, "expert": 1 + n % 2}
        space = Space(taxonomy=plain.taxonomy, mixes=(*plain.mixes, weights("persona", shares)))
        found = history.plan(space, 40 + 6 * n - 9 * (n % 4))
        check(space, found.samples, found)
        if before is not None:
            most = sum(max(0, a - b) for a, b in _counts_of_both(before, found))
            assert changed(before, found) <= most
        before = found
    assert len(read(history.text).marks) == 16
    assert len(history.text) < 20_000


@pytest.mark.parametrize("seed", range(12))
def test_slots_are_found_in_another_plan_by_what_they_are_drawn_as(seed):
    space, samples = random_space(seed)
    if not space.mixes or not samples:
        pytest.skip("nothing to add")
    first = needed(space, [space.mixes[0].name])
    history = History()
    before, after = history.plan(only(space, first), samples), history.plan(space, samples)
    if before is None or after is None:
        pytest.skip("a space without an allocation")
    old, new = Slots(before), Slots(after)
    for key in [*new][:: 1 + samples // 40]:
        then = old.same(key)
        assert then.drawn == key.drawn
        assert (then.cell, then.ordinal) == (key.drawn.cell, key.drawn.ordinal)
        again = new.same(then)
        assert again == key
    assert new.same(SpareSlots(new).replacement(key, 0, samples)) is None


def test_renames_change_no_value_of_a_late_mix():
    """In the new names, mixes and their values are in another order."""
    plain = standard([3, 2], {"en": 50, "sw": 50})
    difficulty, language = plain.mixes
    history = History()
    history.plan(plain, 200)
    mixes = (difficulty, language, weights("persona", {"kid": 1, "adult": 2}))
    before = history.plan(Space(taxonomy=plain.taxonomy, mixes=mixes), 200)
    text = history.text
    mixes = (weights("audience", {"young": 1, "adult": 2}), difficulty, weights("tongue", {"aa": 50, "en": 50}))
    moved = (
        Moved(old=("persona",), new=("audience",)),
        Moved(old=("persona", "kid"), new=("audience", "young")),
        Moved(old=("language",), new=("tongue",)),
        Moved(old=("language", "sw"), new=("tongue", "aa")),
    )
    after = history.plan(Space(taxonomy=plain.taxonomy, mixes=mixes, moved=moved), 200)
    assert history.text == text
    assert after.late_mixes == ("audience",)
    assert drawn(after) == drawn(before)
    old = {"audience": "persona", "young": "kid", "tongue": "language", "aa": "sw"}
    assert seen(before) == {
        slot: (leaf, {old.get(name, name): old.get(value, value) for name, value in values.items()})
        for slot, (leaf, values) in seen(after).items()
    }
    check_slots(after)
