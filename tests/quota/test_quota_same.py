"""The same counts everywhere: golden digests, hash seeds, processor features, order of declarations."""

import functools
import os
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from space_specs import random_space, standard, when

from tapc.ir import Space, TaxonomyNode
from tapc.plan.slots import Slots
from tapc.quota import allocate
from tapc.quota.keys import fixed_log, priorities, priority, table_margin


def spaces():
    plain = standard([5, 6])
    rules = (
        when({"language": ("zh",)}, "difficulty", {"easy": 10, "medium": 60, "hard": 30}),
        when({"topic": ("n003",)}, "language", {"en": 3, "zh": 4}),
    )
    return {
        "plain": plain,
        "ruled": Space(taxonomy=plain.taxonomy, mixes=plain.mixes, rules=rules),
        "wide": standard([3, 4], persona={f"p{i:02d}": 1 + i * 7 % 20 for i in range(40)}),
        "flat": Space(mixes=plain.mixes),
    }


@functools.cache
def digests():
    return {f"{name} {n}": allocate(space, n).digest for name, space in spaces().items() for n in (100, 5000)}


def test_digests_are_those_of_every_other_machine():
    golden = (Path(__file__).parent / "golden_digests.txt").read_text().splitlines()
    assert [f"{name} {digest}" for name, digest in digests().items()] == golden


@pytest.mark.parametrize(
    ("seed", "features"), [("0", ""), ("1", ""), ("999", "AVX512F AVX512CD AVX512_SKX AVX512_ICL AVX2 FMA3")]
)
def test_digests_do_not_depend_on_the_process(seed, features):
    here = Path(__file__).parent
    code = "from test_quota_same import digests; print(digests())"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "NPY_DISABLE_CPU_FEATURES": features, "PYTHONPATH": str(here)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(digests())


def test_tables_of_logarithms_are_the_same_with_every_libm():
    assert table_margin() > 1e-7


def test_scalar_and_array_priorities_agree():
    import numpy as np

    r = random.Random(5)
    fractions = [1, 2, 3, 4095, 4096, 4097, *(r.randrange(1, 1 << r.randint(1, 61)) for _ in range(500))]
    words = [r.getrandbits(64) for _ in fractions]
    whole = priorities(np.array(fractions, np.int64), np.array(words, np.uint64))
    # the scalar form takes 32 bits: 16 of noise and, in the last 12, the tie
    for fraction, word, expected in zip(fractions, words, whole.tolist(), strict=True):
        assert priority(fraction, (word >> 48) << 16 | (word >> 36) & 0xFFF) == expected


def test_fixed_logs_are_close_and_monotone():
    import math

    import numpy as np

    numbers = np.array(sorted(random.Random(1).randrange(1, 1 << 61) for _ in range(2000)), np.int64)
    logs = fixed_log(numbers)
    assert (np.diff(logs) >= 0).all()
    assert (
        max(abs(log / (1 << 20) - math.log(n)) for n, log in zip(numbers.tolist(), logs.tolist(), strict=True)) < 2e-4
    )


def test_renaming_nothing_but_titles_changes_nothing():
    space = standard([3, 4])

    def titled(node: TaxonomyNode) -> TaxonomyNode:
        return node.model_copy(update={"title": "T", "children": tuple(titled(c) for c in node.children)})

    taxonomy = space.taxonomy.model_copy(update={"children": tuple(titled(c) for c in space.taxonomy.children)})
    assert allocate(space.model_copy(update={"taxonomy": taxonomy}), 500).digest == allocate(space, 500).digest


def test_cells_are_content_addressed():
    """A slot keeps its identity when other leaves and values come and go around it."""
    small, large = standard([2, 2]), standard([4, 3], {"en": 1, "fr": 1, "zh": 2})
    assert _cells(small, 300) & _cells(large, 3000)


def _cells(space, samples):
    allocation = allocate(space, samples)
    names = [values for _, values in allocation.mixes]
    return {
        (
            allocation.cell(i),
            allocation.tree.parts[allocation.tree.leaves[leaf]],
            *(n[v] for n, v in zip(names, row, strict=True)),
        )
        for i, (leaf, row) in enumerate(zip(allocation.leaf.tolist(), allocation.values.tolist(), strict=True))
    }


def test_cell_hashes_are_distinct_and_stable_identity():
    for seed in range(60):
        space, samples = random_space(seed)
        allocation = allocate(space, samples)
        if not isinstance(allocation, list):
            cells = [allocation.cell(i) for i in range(len(allocation))]
            assert len(set(cells)) == len(cells)
            slots = Slots(allocation)
            assert all(slots.find(cell) == i for i, cell in enumerate(cells))


def test_scaling_weights_changes_nothing():
    space = standard([3, 4])

    def scaled(node: TaxonomyNode) -> TaxonomyNode:
        share = node.share.model_copy(update={"value": node.share.value * Fraction(7, 3)})
        return node.model_copy(update={"share": share, "children": tuple(scaled(c) for c in node.children)})

    taxonomy = space.taxonomy.model_copy(update={"children": tuple(scaled(c) for c in space.taxonomy.children)})
    assert allocate(space.model_copy(update={"taxonomy": taxonomy}), 777).digest == allocate(space, 777).digest


def test_the_lowest_numbers_are_chosen_alike_on_every_processor():
    import numpy as np

    from tapc.quota.arrays import lowest

    r = random.Random(2)
    for _ in range(200):
        numbers = [r.randrange(12) for _ in range(r.randint(1, 60))]
        most = r.randint(1, 60)
        expected = sorted(sorted(range(len(numbers)), key=lambda n, numbers=numbers: (numbers[n], n))[:most])
        assert lowest(np.array(numbers, np.int64), most).tolist() == expected
