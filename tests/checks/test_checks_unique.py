"""Near-duplicates: what is one, in any script, in every process."""

import random
import subprocess
import sys
from array import array
from collections import defaultdict
from fractions import Fraction
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.checks import CheckTools, MemoryCheck
from tapc.inputs.table import scratch_file
from tapc.kinds.checks.unique.lsh_index import BandIndex
from tapc.kinds.checks.unique.program import KEPT, PERMUTATIONS, bands_for, shingles, similarity
from tapc.kinds.checks.unique.spec import Unique
from tapc.kinds.compiling import compile_check


def unique(threshold="0.85", within=None):
    return compile_check(Unique(check="unique", threshold=Fraction(threshold), within=within), CheckTools())


def decide(check, text, group=""):
    """Weigh a text and keep it if it passes."""
    detail, keep = check.weigh(text, group)
    if detail is None:
        keep()
    return detail


def test_it_is_a_memory_check():
    check = unique(within="language")
    assert isinstance(check, MemoryCheck)
    assert (check.reason, check.within, check.field) == ("duplicate", "language", None)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Why is the sky blue?", "why is the SKY blue", True),
        ("Why is the sky blue?", "Why is the sea so deep and cold?", False),
        (
            "光合作用是植物利用光能把水和二氧化碳变成糖的过程。",
            "光合作用是植物利用光能把水和二氧化碳变成糖的过程！",
            True,
        ),
        ("光合作用是植物利用光能的过程。", "呼吸作用是动物释放能量的过程。", False),
        ("空はなぜ青く見えるのですか。", "空はなぜ青く見えるのですか？", True),
        ("ทำไมท้องฟ้าจึงเป็นสีฟ้า", "ทำไมท้องฟ้าจึงเป็นสีฟ้า?", True),
        ("ทำไมท้องฟ้าจึงเป็นสีฟ้า", "เมื่อดวงอาทิตย์ทำให้ทะเลร้อนขึ้น น้ำจะระเหย", False),
        ("!?", "!?", True),
        ("!?", "?!", False),
        ("yes", "Yes.", True),
        ("yes", "no", False),
    ],
)
def test_pairs(first, second, same):
    check = unique()
    assert decide(check, first, "") is None
    assert bool(decide(check, second, "")) == same


def test_groups_are_apart_and_rejected_texts_are_not_remembered():
    check = unique("0.5")
    assert decide(check, "one two three four five", "en") is None
    assert decide(check, "one two three four five", "sw") is None
    assert decide(check, "one two three four six seven", "en")
    assert decide(check, "six seven eight nine", "en") is None


WORDS = [f"w{i}" for i in range(40)]


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=25), min_size=2, max_size=12),
    st.sampled_from(["0.5", "0.8", "0.95", "1"]),
)
@settings(max_examples=60, deadline=None)
def test_rejections_are_exact_and_equal_texts_never_pass(rows, threshold):
    check = unique(threshold)
    kept = []
    for words in rows:
        text = " ".join(words)
        own = set(shingles(text))
        best = max((len(own & other) / len(own | other) for other in kept), default=0)
        turned_down = decide(check, text, "") is not None
        if turned_down:
            assert best >= float(threshold)
        else:
            kept.append(own)
            assert best < 1


def test_hardly_any_near_duplicate_is_overlooked():
    rng = random.Random(5)
    vocabulary = [f"w{i}" for i in range(5000)]
    check = unique("0.85")
    texts = [rng.choices(vocabulary, k=60) for _ in range(600)]
    assert not any(decide(check, " ".join(text), "") for text in texts)
    caught = 0
    for text in texts:
        near = list(text)
        near[rng.randrange(1, 58)] = "other"
        caught += decide(check, " ".join(near), "") is not None
    assert caught >= 598


@pytest.mark.parametrize("scratch", [BytesIO, scratch_file])
@given(
    texts=st.lists(st.lists(st.integers(-30, 30), min_size=4, max_size=4, unique=True), max_size=60),
    front=st.integers(1, 40),
)
@settings(max_examples=40, deadline=None)
def test_what_went_to_files_is_found_as_in_memory(scratch, texts, front):
    index, plain = BandIndex(scratch, front), defaultdict(set)
    for number, keys in enumerate(texts):
        assert index.near(keys) == set().union(*(plain[key] for key in keys))
        index.add(number, keys)
        for key in keys:
            plain[key].add(number)


def test_many_texts_are_found_again_in_a_few_files():
    rng = random.Random(2)
    files = []

    def scratch():
        files.append(scratch_file())
        return files[-1]

    index = BandIndex(scratch, 1000)
    keys = [[rng.getrandbits(62) - 2**61 for _ in range(8)] for _ in range(4000)]
    for number, own in enumerate(keys):
        index.add(number, own)
    assert all(index.near(own[:1]) == {number} for number, own in enumerate(keys))
    assert not index.near([rng.getrandbits(62) for _ in range(8)])
    assert len(index._segments) <= 6, "32 times what memory holds"


def test_a_change_of_words_at_the_threshold_is_found_and_below_it_is_not():
    """Recall at and above the threshold, precision below it, over pairs of known similarity."""
    rng = random.Random(11)
    counts = {"over": [0, 0], "at": [0, 0], "under": [0, 0]}
    for _ in range(400):
        words = [f"w{rng.randrange(10**6)}" for _ in range(61)]
        near = list(words)
        for place in rng.sample(range(1, 60), rng.randrange(1, 9)):
            near[place] = f"x{rng.randrange(10**6)}"
        a, b = ({f"{x} {y}" for x, y in pairwise(text)} for text in (words, near))
        true = len(a & b) / len(a | b)
        check = unique("0.8")
        decide(check, " ".join(words))
        found = decide(check, " ".join(near)) is not None
        assert found <= (true >= 0.8), "nothing under the threshold is ever turned down"
        kind = "over" if true >= 0.85 else "at" if true >= 0.8 else "under"
        counts[kind][found] += 1
    assert min(sum(count) for count in counts.values()) >= 30
    assert counts["over"][0] == 0
    assert counts["at"][0] <= 1


def test_bands_overlook_little():
    for hundredths in range(30, 101, 5):
        threshold = hundredths / 100
        bands = bands_for(threshold)
        assert PERMUTATIONS % bands == 0
        assert (1 - threshold ** (PERMUTATIONS // bands)) ** bands <= 0.005 or bands == PERMUTATIONS


@given(st.sets(st.integers(0, 2**32 - 1), max_size=60), st.sets(st.integers(0, 2**32 - 1), max_size=60))
@settings(max_examples=80, deadline=None)
def test_similarity_is_exact_for_small_sets(a, b):
    expected = len(a & b) / len(a | b) if a | b else 1.0
    assert similarity(array("I", sorted(a)), array("I", sorted(b))) == pytest.approx(expected)


def test_similarity_looks_at_the_smallest_of_the_union_and_no_further():
    """256 of the 257 numbers that two shifted ranges have together."""
    assert similarity(array("I", range(256)), array("I", range(1, 257))) == 255 / 256
    assert similarity(array("I", range(255)), array("I", range(1, 256))) == 254 / 256


def test_shingles_are_pairs_of_words_or_triples_of_letters():
    assert shingles("One two three") == ["one two", "two three"]
    assert shingles("one two") == ["one two"]
    assert shingles("光合作用") == ["光 合 作", "合 作 用"]
    assert shingles("光合作") == ["光 合 作"]


def test_similarity_of_large_sets_is_close():
    rng = random.Random(1)
    everything = [rng.getrandbits(32) for _ in range(3000)]
    a, b = set(everything[:2000]), set(everything[500:])
    small = [array("I", sorted(s)[:KEPT]) for s in (a, b)]
    assert abs(similarity(*small) - len(a & b) / len(a | b)) < 0.1


def test_every_process_decides_alike():
    program = (
        "from fractions import Fraction\nfrom tapc.checks import CheckTools\nfrom tapc.kinds.compiling import compile_check\nfrom tapc.kinds.checks.unique.spec import Unique\n"
        "import random\nr = random.Random(3)\n"
        "c = compile_check(Unique(check='unique', threshold=Fraction('0.6')), CheckTools())\n"
        "def decide(text):\n    detail, keep = c.weigh(text, '')\n    keep() if detail is None else None\n    return detail\n"
        "print([decide(' '.join(r.choices('abcdefgh', k=9))) for _ in range(300)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "77")
    }
    assert len(outputs) == 1
    assert b"like an accepted one" in outputs.pop()
