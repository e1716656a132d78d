"""`moved`: what was renamed is counted, drawn and locked as before."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from renaming import Renaming
from space_specs import random_space, tree, weights, when
from space_strategies import spaces

from tapc.ir import Moved, Space, Taxonomy, TaxonomyNode
from tapc.plan.lock import lock_of, write_lock
from tapc.plan.slots import Slots
from tapc.quota import allocate, find_unreached, mix_draws
from tapc.templates import views


def points(space, key):
    """Values of a slot by axis."""
    return views(space).axes(key.leaf, key.values)


def same(before, after, renaming):
    """The plans of a space and of the renamed one are one plan under two lists of names."""
    assert after.digest == before.digest
    assert after.reached == before.reached
    counted = {
        renaming.points[axis, value]: count
        for axis, counts in before.counts().items()
        for value, count in counts.items()
    }
    assert counted == {(axis, value): n for axis, counts in after.counts().items() for value, n in counts.items()}
    assert write_lock(lock_of(after)) == write_lock(lock_of(before))


@settings(max_examples=150)
@given(spaces(), st.integers(0, 1 << 20))
def test_a_renamed_space_has_the_counts_slots_and_lock_of_before(case, seed):
    space, samples = case
    renaming = Renaming(space, seed)
    before, after = allocate(space, samples), allocate(renaming.space, samples)
    if isinstance(before, list):
        assert isinstance(after, list)
        assert {problem.kind for problem in after} == {problem.kind for problem in before}
        return
    same(before, after, renaming)
    old, new = views(space), views(renaming.space)
    for was, now in zip(Slots(before), Slots(after), strict=True):
        assert (now.cell, now.ordinal, now.rank, now.drawn) == (was.cell, was.ordinal, was.rank, was.drawn)
        named = old.axes(was.leaf, was.values)
        assert new.axes(now.leaf, now.values) == dict(renaming.points[axis, value] for axis, value in named.items())


@pytest.mark.parametrize("seed", range(40))
def test_plans_that_follow_a_lock_are_the_same_before_and_after_a_rename(seed):
    space, samples = random_space(seed)
    first = allocate(space, samples)
    if isinstance(first, list):
        return
    renaming = Renaming(space, seed)
    lock = lock_of(first)
    same(first, allocate(renaming.space, samples, lock), renaming)
    more = samples + 1 + seed * 7
    before = allocate(space, more, lock)
    if isinstance(before, list):
        return
    after = allocate(renaming.space, more, lock)
    same(before, after, renaming)
    same(first, allocate(renaming.space, samples, lock_of(after)), renaming)  # an undone edit, after the rename
    same(before, allocate(space, more, lock_of(after)), renaming_of_nothing(space))  # an undone rename


def renaming_of_nothing(space):
    return Renaming(space, 0, share=0)


def test_contradictions_are_worded_with_the_present_names():
    mixes = (weights("aa", {"x": 1, "y": 1}), weights("b", {"v": 1, "w": 2}))
    rules = (when({"topic": ("n000",)}, "b", {"v": 1}), when({"aa": ("x",)}, "b", {"w": 1}))
    space = Space(taxonomy=tree([2]), mixes=mixes, rules=rules, moved=(Moved(old=("zz",), new=("b",)),))
    (problem,) = allocate(space, 20)
    assert "mix b" in problem.message
    assert "zz" not in problem.message
    assert problem.paths == ("rule.0", "rule.1", "mix.b")


def test_candidates_draw_what_they_drew():
    mixes = (
        weights("level", {"easy": 1, "hard": 2}),
        weights("persona", {"a": 1, "b": 2, "c": 5}, per_candidate=True),
        weights("voice", {f"v{n}": 1 + n for n in range(9)}, per_candidate=True),
    )
    rule = when({"level": ("hard",), "topic": ("n001",)}, "persona", {"a": 1, "b": 1})
    space = Space(taxonomy=tree([3, 2]), mixes=mixes, rules=(rule,))
    for seed in range(30):
        renaming = Renaming(space, seed)
        before, after = allocate(space, 90), allocate(renaming.space, 90)
        was, now = mix_draws(space, 90), mix_draws(renaming.space, 90)
        for mix, width in (("persona", 3), ("voice", 2)):
            name = renaming.points[mix, ""][0]
            for one, other in zip(Slots(before), Slots(after), strict=True):
                for candidate in range(width):
                    asked = {"ordinal": one.ordinal, "candidate": candidate, "width": width}
                    value = was.value(one.cell, one.leaf, one.values, mix, **asked)
                    drawn = now.value(other.cell, other.leaf, other.values, name, **asked)
                    assert renaming.points[mix, value] == (name, drawn)
            counted = was.count(before, mix, width).counts.items()
            assert now.count(after, name, width).counts == {renaming.points[mix, value][1]: n for value, n in counted}


def node(name, *children):
    return TaxonomyNode(name=name, children=tuple(sorted(children, key=lambda child: child.name)))


def test_a_node_that_moves_to_another_parent_keeps_its_cells():
    flat = Taxonomy(name="topic", children=tuple(node(name) for name in ("art", "heat", "optics", "waves")))
    inner = node("physics", node("heat"), node("light"), node("waves"))
    grouped = Taxonomy(name="topic", children=(node("art"), inner))
    moved = tuple(
        Moved(old=("topic", old), new=("topic", "physics", new))
        for old, new in (("heat", "heat"), ("optics", "light"), ("waves", "waves"))
    )
    mixes = (weights("level", {"easy": 1, "hard": 2}),)
    before = allocate(Space(taxonomy=flat, mixes=mixes), 40)
    space = Space(taxonomy=grouped, mixes=mixes, moved=moved)
    after = allocate(space, 40, lock_of(before))
    counts = after.counts()["topic"]
    assert (counts["art"], counts["physics"]) == (20, 20)  # now that it is one of two
    assert sorted(counts[f"physics.{name}"] for name in ("heat", "light", "waves")) == [6, 7, 7]
    assert {after.cell(n) for n in range(len(after))} == {before.cell(n) for n in range(len(before))}
    for n in range(len(after)):
        axes = views(space).axes(int(after.leaf[n]), after.values[n].tolist())
        at = next(m for m in range(len(before)) if before.cell(m) == after.cell(n))
        was = views(Space(taxonomy=flat, mixes=mixes)).axes(int(before.leaf[at]), before.values[at].tolist())
        assert axes["level"] == was["level"]
        assert axes["topic"].split(".")[-1] == {"optics": "light"}.get(was["topic"], was["topic"])
    lock = write_lock(lock_of(after))
    assert "leaf optics " in lock
    assert "physics" not in lock


def test_a_random_history_of_renames_leads_back_to_the_first_names():
    """Lines of several renames in a row: each says what a thing was called just before."""
    r = random.Random(5)
    space = Space(taxonomy=tree([3, 2]), mixes=(weights("level", {"easy": 1, "hard": 2}),))
    first = allocate(space, 60)
    lines: list[Moved] = []
    for n in range(12):
        tree_now = space.taxonomy
        at = r.randrange(4)
        if at == 0:
            new = f"t{n}"
            lines.append(Moved(old=(tree_now.name,), new=(new,)))
            tree_now = tree_now.model_copy(update={"name": new})
        else:
            children = list(tree_now.children)
            top = r.randrange(len(children))
            if at == 1:
                lines.append(Moved(old=(tree_now.name, children[top].name), new=(tree_now.name, f"k{n}")))
                children[top] = children[top].model_copy(update={"name": f"k{n}"})
            else:
                above = (tree_now.name, children[top].name)
                inner = list(children[top].children)
                low = r.randrange(len(inner))
                lines.append(Moved(old=(*above, inner[low].name), new=(*above, f"j{n}")))
                inner[low] = inner[low].model_copy(update={"name": f"j{n}"})
                inner.sort(key=lambda child: child.name)
                children[top] = children[top].model_copy(update={"children": tuple(inner)})
            children.sort(key=lambda child: child.name)
            tree_now = tree_now.model_copy(update={"children": tuple(children)})
        space = Space(taxonomy=tree_now, mixes=space.mixes, moved=tuple(sorted(lines, key=lambda line: line.new)))
        after = allocate(space, 60)
        assert after.digest == first.digest
        assert write_lock(lock_of(after)) == write_lock(lock_of(first))


@pytest.mark.parametrize("seed", range(25))
def test_a_mix_that_is_late_is_late_under_any_name(seed):
    """Of a lock without the last mix of a space, plans before and after a rename draw the same samples."""
    space, samples = random_space(seed)
    if not space.mixes or samples < 2:
        return
    added = space.mixes[-1].name
    bare = Space(
        taxonomy=space.taxonomy,
        mixes=space.mixes[:-1],
        rules=tuple(rule for rule in space.rules if rule.mix != added),
        exclusions=tuple(one for one in space.exclusions if one.mix != added),
    )
    first = allocate(bare, samples)
    if isinstance(first, list):
        return
    before = allocate(space, samples, lock_of(first))
    if isinstance(before, list):
        return
    assert before.late_mixes == (added,)
    renaming = Renaming(space, seed)
    after = allocate(renaming.space, samples, lock_of(first))
    same(before, after, renaming)
    assert after.late_mixes == (renaming.points[added, ""][0],)
    old, new = views(space), views(renaming.space)
    for was, now in zip(Slots(before), Slots(after), strict=True):
        assert (now.cell, now.ordinal, now.rank, now.drawn) == (was.cell, was.ordinal, was.rank, was.drawn)
        named = old.axes(was.leaf, was.values)
        assert new.axes(now.leaf, now.values) == dict(renaming.points[axis, value] for axis, value in named.items())


def test_leaves_without_a_sample_are_those_that_the_plan_gives_none():
    """Which of equal leaves gets a sample is decided by the first name; what is reported has the present one."""
    space = Space(taxonomy=Taxonomy(name="topic", children=tuple(node(f"n{n}") for n in range(9))))
    for seed in range(20):
        moved = Renaming(space, seed).space
        counts = allocate(moved, 5).counts()[moved.taxonomy.name]
        assert set(find_unreached(moved, 5).leaves) == {name for name, count in counts.items() if not count}
