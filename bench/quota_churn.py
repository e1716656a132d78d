"""Slots an edit loses, with and without a lock, beside the targets: `python bench/quota_churn.py`.

Figures are percent of the old plan's slots, over 2,000 leaves x 12 languages x 3 difficulties. The least possible is 0
where samples rise, 5 where `zh` goes from 40 to 45, and about 0.05 to 0.1 where one leaf's weight is tripled.
"""

from fractions import Fraction

from quota_spaces import EASIER, LANGUAGES, space, tree

from tapc.ir import Share, Space, TaxonomyNode
from tapc.plan.allocate import Allocation, allocate
from tapc.plan.lock import lock_of

TARGETS = {
    ("cold", 100): (26, 36, 58, 33, 1),
    ("cold", 3000): (9.7, 19.5, 20.5, 20.7, 1.6),
    ("cold", 50_000): (2.5, 3.8, 2.0, 8.1, 0.29),
    ("cold", 1_000_000): (0.22, 0.12, 0.02, 5.13, 0.09),
    ("lock", 100): (0, 6, 10, 7, 1),
    ("lock", 3000): (1.2, 2.3, 1.7, 7.0, 0.20),
    ("lock", 50_000): (0.47, 0.60, 0.27, 5.57, 0.10),
    ("lock", 1_000_000): (0.04, 0.02, 0.00, 5.02, 0.08),
}
EDITS = ("+1%", "+10%", "x2", "zh 40->45", "leaf x3")


def lost(before: Allocation, after: Allocation) -> int:
    """Sum of the decreases of cell counts."""
    kept = dict(zip(zip(*(w.tolist() for w in after.words), strict=True), after.count.tolist(), strict=True))
    cells = zip(zip(*(w.tolist() for w in before.words), strict=True), before.count.tolist(), strict=True)
    return sum(max(0, count - kept.get(cell, 0)) for cell, count in cells)


def heavier(node: TaxonomyNode, path: tuple[int, ...]) -> TaxonomyNode:
    if not path:
        return node.model_copy(update={"share": Share(value=node.share.value * 3)})
    children = tuple(heavier(c, path[1:]) if i == path[0] else c for i, c in enumerate(node.children))
    return node.model_copy(update={"children": children})


def edits(base: Space) -> dict[str, tuple[Space, Fraction]]:
    taxonomy = base.taxonomy
    assert taxonomy is not None
    more = {name: Fraction(45) if name == "zh" else Fraction(weight * 55, 60) for name, weight in LANGUAGES.items()}
    children = tuple(heavier(c, (4, 5)) if i == 3 else c for i, c in enumerate(taxonomy.children))
    tripled = base.model_copy(update={"taxonomy": taxonomy.model_copy(update={"children": children})})
    return {
        "+1%": (base, Fraction(101, 100)),
        "+10%": (base, Fraction(110, 100)),
        "x2": (base, Fraction(2)),
        "zh 40->45": (space(taxonomy, EASIER, language=more), Fraction(1)),
        "leaf x3": (tripled, Fraction(1)),
    }


def counted(given: Space, samples: int, lock: object = None) -> Allocation:
    found = allocate(given, samples, lock)
    assert isinstance(found, Allocation), found
    return found


def main() -> None:
    base = space(tree([10, 10, 20]), EASIER)
    print(f"{'':16s}" + "".join(f"{edit:>18s}" for edit in EDITS))
    for (mode, samples), targets in TARGETS.items():
        before = counted(base, samples)
        lock = lock_of(before) if mode == "lock" else None
        cells = []
        for (after, factor), target in zip(edits(base).values(), targets, strict=True):
            share = lost(before, counted(after, int(samples * factor), lock)) / samples * 100
            cells.append(f"{share:8.2f} ({target:g})")
        print(f"{mode} {samples:>11,}" + "".join(f"{cell:>18s}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
