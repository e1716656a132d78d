"""Lock files: round trip, diff-friendliness, damage, and what they keep."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from space_specs import random_space, standard

from tapc.diagnostics import Diagnostic
from tapc.ir import Mix, MixValue, Share, Space, Taxonomy, TaxonomyNode
from tapc.plan.lock import changed, lock_of, read_lock, write_lock
from tapc.plan.slots import Slots
from tapc.quota import Lock, allocate
from tapc.source import SourceFile

SMALL = """tapc.lock/2
samples 5
taxonomy topic
mixes language level
identity language
plan 1 0a0b0c0d
plan 4 00000000
import lib/base.tap 00ff00ff
price openai.toml abcdef01
leaf art 2 de/easy:1 de/hard:4-4@3 en/easy:1@2
leaf law.x 3 en/~:3-3@4 en/hard:1+1+2-1
"""


def read(text):
    return read_lock(SourceFile("spec.lock", text))


def test_a_lock_reads_back_as_it_was_written():
    for seed in range(80):
        space, samples = random_space(seed)
        allocation = allocate(space, samples)
        if isinstance(allocation, list):
            continue
        text = write_lock(lock_of(allocation, [("a b.tap", "aa" * 16)], [("p%", "bb" * 16)]))
        lock = read(text)
        assert isinstance(lock, Lock), text
        assert write_lock(lock) == text
        assert sum(line.startswith("leaf ") for line in text.splitlines()) == len(set(allocation.leaf.tolist()))


def test_names_of_any_kind_survive():
    names = ["a.b", "a/b", "x:1", "100%", "two words", "中文", "\u2028", "tab\t", "é"]
    children = tuple(TaxonomyNode(name=name) for name in sorted(names))
    mix = Mix(name="m x", values=tuple(MixValue(name=name) for name in sorted(names)))
    allocation = allocate(Space(taxonomy=Taxonomy(name="a.b c", children=children), mixes=(mix,)), 500)
    text = write_lock(lock_of(allocation))
    lock = read(text)
    assert isinstance(lock, Lock)
    assert lock.leaves == tuple((name,) for name in sorted(names))
    again = allocate(Space(taxonomy=Taxonomy(name="a.b c", children=children), mixes=(mix,)), 500, lock)
    assert again.digest == allocation.digest


def test_the_small_lock_is_canonical():
    lock = read(SMALL)
    assert isinstance(lock, Lock)
    assert write_lock(lock) == SMALL
    assert lock.count.tolist() == [1, 0, 1, 0, 3]
    assert lock.identity == ("language",)
    then = lock.rewound("0a0b0c0d")
    assert write_lock(then).splitlines()[1:] == [
        "samples 9",
        "taxonomy topic",
        "mixes language level",
        "identity language",
        "plan 1 0a0b0c0d",
        *SMALL.splitlines()[7:9],
        "leaf art 5 de/easy:1 de/hard:4",
        "leaf law.x 4 en/~:3 en/hard:1",
    ]
    assert changed(lock, [("lib/base.tap", "00ff00ff")], [("openai.toml", "abcdef02"), ("x", "00ff00ff")]) == [
        "price openai.toml",
        "price x",
    ]


DAMAGE = {
    "version": ("tapc.lock/2", "tapc.lock/9", "TAP812", 1),
    "empty": (SMALL, "", "TAP812", 1),
    "total": ("leaf art 2", "leaf art 3", "TAP811", 10),
    "sum": ("samples 5", "samples 6", "TAP811", 12),
    "digits": ("hard:1+", "hard:one+", "TAP811", 11),
    "zero": ("de/easy:1", "de/easy:0", "TAP811", 10),
    "huge": ("hard:1+", "hard:99999999999999999999+", "TAP811", 11),
    "arity": ("en/hard:1", "en:1", "TAP811", 11),
    "twice": ("leaf law.x 3", "leaf art 3", "TAP811", 11),
    "cell twice": ("de/easy:1 de/hard", "en/easy:1 de/hard", "TAP811", 10),
    "escape": ("de/easy", "d%zz/easy", "TAP811", 10),
    "hash": ("00ff00ff", "x", "TAP811", 8),
    "mixes": ("mixes language level", "mixes level language", "TAP811", 4),
    "identity twice": ("plan 1", "identity level\nplan 1", "TAP811", 6),
    "no identity": ("identity language\n", "", "TAP811", 11),
    "after leaves": ("+2-1", "+2-1\nsamples 5", "TAP811", 12),
    "no samples": ("samples 5\n", "", "TAP811", 11),
    "no taxonomy": ("taxonomy topic\n", "", "TAP811", 9),
    "below zero": ("de/hard:4-4@3", "de/hard:4-5@3+1", "TAP811", 10),
    "plans in disorder": ("de/hard:4-4@3", "de/hard:4-2@3-2@2", "TAP811", 10),
    "a sign at the start": ("de/hard:4-4@3", "de/hard:+4-4@3", "TAP811", 10),
    "no plan": ("plan 4", "plan 5", "TAP811", 12),
    "a conflict": ("leaf art 2", "<<<<<<< HEAD\nleaf art 2", "TAP811", 10),
    "a conflict from the start": ("tapc.lock/2", "<<<<<<< HEAD\ntapc.lock/2", "TAP811", 1),
    "the middle of a conflict": ("leaf law.x 3", "=======\nleaf law.x 3", "TAP811", 11),
    "lines of plans in disorder": ("plan 1 0a0b0c0d", "plan 5 0a0b0c0d", "TAP811", 7),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_a_finding_with_a_place(name):
    old, new, code, line = DAMAGE[name]
    assert old in SMALL
    finding = read(SMALL.replace(old, new, 1))
    assert isinstance(finding, Diagnostic)
    assert finding.code == code
    assert finding.severity == "error"
    label = finding.labels[0]
    assert label.file.position(label.span.start).line == line


def merged(ours: str, theirs: str, base: str | None = None) -> str:
    """What git leaves of two versions of some lines; with `merge.conflictStyle diff3` also what was there before."""
    before = "" if base is None else f"||||||| 1234567\n{base}"
    return f"<<<<<<< HEAD\n{ours}{before}=======\n{theirs}>>>>>>> more\n"


HEADERS = {
    "identity": (
        "identity language\n",
        "identity language level\n",
        "`identity language` and `identity language level`",
    ),
    "no identity": ("identity language\n", "identity\n", "`identity language` and `identity`"),
    "taxonomy": ("taxonomy topic\n", "taxonomy subject\n", "`taxonomy topic` and `taxonomy subject`"),
    "no taxonomy": ("taxonomy topic\n", "", "`taxonomy topic` and `no taxonomy`"),
    "format": ("tapc.lock/2\n", "tapc.lock/1\n", "`tapc.lock/2` and `tapc.lock/1`"),
}


@pytest.mark.parametrize("base", [None, "samples 1\ntaxonomy topic\nidentity language\n"])
@pytest.mark.parametrize("name", HEADERS)
def test_sides_of_other_headers_are_no_versions_of_one_lock(name, base):
    line, other, told = HEADERS[name]
    for ours, theirs, shown in ((line, other, told), (other, line, " and ".join(reversed(told.split(" and "))))):
        finding = read(SMALL.replace(line, merged(ours, theirs, base)))
        assert finding.code == "TAP816"
        assert shown in finding.message
        assert "--theirs" in finding.notes[0]
    assert read(SMALL.replace("samples 5\n", merged("samples 5\n", "samples 6\n", base))).code == "TAP811"


def test_marks_of_git_that_are_not_complete_are_a_conflict_all_the_same():
    whole = SMALL.replace("identity language\n", merged("identity language\n", "identity level\n"))
    for gone in ("=======\n", ">>>>>>> more\n"):
        assert read(whole.replace(gone, "")).code == "TAP811"


def test_a_lock_of_a_later_version_is_not_to_be_deleted():
    finding = read(SMALL.replace("tapc.lock/2", "tapc.lock/3"))
    assert finding.code == "TAP812"
    assert "upgrade tapc" in finding.notes[0]
    assert "delete it" in read("hello\n").notes[0]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.integers(0, len(SMALL)), st.integers(0, 20))
def test_no_text_breaks_the_reader(text, at, gone):
    found = read(SMALL[:at] + text + SMALL[at + gone :])
    assert isinstance(found, Lock | Diagnostic)
    if isinstance(found, Lock):
        assert isinstance(read(write_lock(found)), Lock)


def test_adding_one_leaf_changes_one_line_of_a_counted_tree():
    def space(extra: bool) -> Space:
        names = ["a", "b", "c", *(["d"] if extra else [])]
        children = tuple(TaxonomyNode(name=n, share=Share(kind="count", value=40)) for n in names)
        mixes = (Mix(name="m", values=(MixValue(name="x"), MixValue(name="y"))),)
        return Space(taxonomy=Taxonomy(name="topic", children=children), mixes=mixes)

    before = write_lock(lock_of(allocate(space(extra=False), 120))).splitlines()
    after = write_lock(lock_of(allocate(space(extra=True), 160))).splitlines()
    assert {line for line in set(after) - set(before) if not line.startswith("plan ")} == {"samples 160", after[-1]}
    assert after[-1].startswith("leaf d 40 ")


def lost(before, after):
    kept = {after.cell(i): n for i, n in enumerate(after.count.tolist())}
    return sum(max(0, n - kept.get(before.cell(i), 0)) for i, n in enumerate(before.count.tolist()))


def test_a_lock_keeps_far_more_slots_than_none():
    space = standard([10, 10])
    before = allocate(space, 3000)
    cold = lost(before, allocate(space, 3300))
    locked = lost(before, allocate(space, 3300, lock_of(before)))
    assert locked * 4 < cold
    assert locked < 90


@pytest.mark.parametrize(
    ("samples", "more", "least"), [(60, 61, 0), (60, 66, 1), (100, 101, 0), (100, 110, 0), (100, 200, 0), (150, 151, 0)]
)
def test_a_small_lock_loses_no_more_than_it_must(samples, more, least):
    """`least` is the optimum of an integer programme of all bounds, pairs included."""
    space = standard([10, 10, 20])
    before = allocate(space, samples)
    after = allocate(space, more, lock_of(before))
    assert lost(before, after) == least
    assert after.deviation().pair < 1


def kept(before, after):
    return len(slots_of(before) & slots_of(after))


def slots_of(allocation):
    return {(key.cell, key.ordinal) for key in Slots(allocation)}


def check_locked(allocation, lock_from):
    """The slots that the lock had come first, in their order; no cell has an ordinal beyond its count."""
    ranked = [(key.cell, key.ordinal) for key in Slots(allocation)]
    assert len(ranked) == len(set(ranked)) == allocation.samples
    count = {allocation.cell(i): n for i, n in enumerate(allocation.count.tolist())}
    assert all(ordinal < count[cell] for cell, ordinal in ranked)
    had = [(key.cell, key.ordinal) for key in Slots(lock_from)]
    kept = set(had) & set(ranked)
    assert ranked[: len(kept)] == [slot for slot in had if slot in kept]


@pytest.mark.parametrize("seed", [*range(4), pytest.param(4, marks=pytest.mark.exhaustive), 5, 6, 7, 15, 19, 23, 28])
def test_a_lock_keeps_what_it_can_in_either_direction(seed):
    """Grown, shrunk, and grown back; a lock of the same plan moves nothing, whatever way there led."""
    space, samples = random_space(seed)
    before = allocate(space, samples)
    if isinstance(before, list):
        pytest.skip("a space without an allocation")
    same = allocate(space, samples, lock_of(before))
    assert (same.count == before.count).all()
    assert same.digest == before.digest
    for more in (samples + 1, samples * 2, samples - 1, max(1, samples // 2)):
        after = allocate(space, more, lock_of(before))
        if isinstance(after, list):
            continue
        check_locked(after, before)
        back = allocate(space, samples, lock_of(after))
        assert back.digest == before.digest, "an edit that is undone is undone"
        assert write_lock(lock_of(back)) == write_lock(lock_of(before))


def test_a_renamed_or_removed_value_takes_its_own_cells_only():
    def space(*names: str) -> Space:
        mix = Mix(name="tone", values=tuple(MixValue(name=name) for name in names))
        return Space(
            taxonomy=Taxonomy(name="topic", children=(TaxonomyNode(name="a"), TaxonomyNode(name="b"))), mixes=(mix,)
        )

    before = allocate(space("dry", "warm", "wry"), 90)
    renamed = allocate(space("dry", "warm", "arch"), 90, lock_of(before))
    check_locked(renamed, before)
    assert kept(before, renamed) == 60, "cells of the other two values stay as they are"
    fewer = allocate(space("dry", "warm"), 90, lock_of(before))
    check_locked(fewer, before)
    assert kept(before, fewer) == 60
    again = allocate(space("dry", "warm", "wry"), 90, lock_of(fewer))
    assert again.digest == before.digest, "an edit that is undone is undone"
    other = allocate(space("dry", "warm", "calm"), 90, lock_of(fewer))
    check_locked(other, fewer)
    assert kept(fewer, other) == 60


def test_a_lock_of_other_axes_is_no_hindrance():
    plain = standard([3, 3])
    before = allocate(plain, 500)
    renamed = Taxonomy(name="subject", children=plain.taxonomy.children)
    assert allocate(Space(taxonomy=renamed, mixes=plain.mixes), 500, lock_of(before)).digest != before.digest
    other = standard([3, 3], tone={"dry": 1, "warm": 2})
    assert allocate(other, 500, lock_of(before)).samples == 500
    fewer = allocate(Space(taxonomy=other.taxonomy, mixes=other.mixes[:1]), 500, lock_of(before))
    assert len(fewer.bands) < 3, "counts of the lock are added up over a mix that is gone"


def test_a_lock_of_66_000_cells_stays_below_a_megabyte():
    """However often it is planned again: plans that are too many to return to are given up, the order of slots is not."""
    leaves = tuple(TaxonomyNode(name=f"topic_number_{n:02}") for n in range(50))
    subjects = tuple(TaxonomyNode(name=f"subject_{n:02}", children=leaves) for n in range(40))
    mix = Mix(name="tone", values=tuple(MixValue(name=f"tone_{n:02}") for n in range(33)))
    space = Space(taxonomy=Taxonomy(name="topic", children=subjects), mixes=(mix,))
    lock, before = None, []
    for samples in (70_000, 90_000, 80_000, 132_000):
        found = allocate(space, samples, lock)
        text = write_lock(lock_of(found))
        assert len(found) == 66_000
        assert len(text.encode()) < 1_000_000
        lock = read(text)
        assert allocate(space, samples, lock).digest == found.digest
        slots = [(key.cell, key.ordinal) for key in Slots(found)]
        there = set(slots)
        kept = [slot for slot in before if slot in there]
        assert slots[: len(kept)] == kept
        assert len(kept) >= 0.99 * min(len(before), samples)
        before = slots
