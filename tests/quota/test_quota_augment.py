"""Augmenting paths alone bring every constraint within its bounds, as the quick moves do."""

import random

import numpy as np
from space_specs import random_space

from tapc.quota.augment import Paths
from tapc.quota.repair import violated
from tapc.quota.rounding import _start
from tapc.quota.tree import build_tree


def test_paths_alone_settle_every_constraint():
    mended = 0
    for seed in range(120):
        space, _ = random_space(seed)
        if space.taxonomy is None:
            continue
        tree = build_tree(space.taxonomy)
        r = random.Random(seed)
        rows, values, scale = r.randint(2, 60), r.randint(2, 6), 60
        leaf = np.array(sorted(r.randrange(len(tree.leaves)) for _ in range(rows)), np.int64)
        weights = [r.choice([0, 1, 2, 5, 10, 33]) + 1 for _ in range(values)]
        exact = np.array(
            [[r.randint(1, 9) * w * scale // sum(weights) for w in weights] for _ in range(rows)], np.int64
        )
        exact[:, 0] += -exact.sum(axis=1) % scale
        fractions = exact % scale
        need = fractions.sum(axis=1) // scale
        keep = need > 0
        if keep.sum() < 2:
            continue
        leaf, fractions, need = leaf[keep], fractions[keep], need[keep]
        ticket = np.array([[r.randrange(1 << 30) for _ in range(values)] for _ in range(len(leaf))], np.int64)
        ticket[fractions == 0] = -(1 << 60)
        state = _start(tree, leaf, need, fractions, scale, ticket)
        paths = Paths(state)
        constraints = np.arange(len(state.constraints.depth))
        mended += len(violated(state, constraints))
        for constraint in sorted(constraints.tolist(), key=lambda j: -int(state.constraints.depth[j])):
            paths.mend(constraint)
        assert not len(violated(state, constraints))
        assert (state.up.sum(axis=1) == need).all()
        assert not (state.up & (fractions == 0)).any()
        assert (state.constraints.sums(state.up) == state.load).all()
    assert mended > 50
