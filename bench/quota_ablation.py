"""The CPU and the effect of each stage of the pair search: `python bench/quota_ablation.py`.

Each stage is left out in turn. A row gives, as means over taxonomies with other weights: CPU seconds of one count, the
worst pair of values (samples off its target) and, for the spaces of `quota_churn`, the percentage of slots that edits
lose without a lock (1% more samples, `zh` from 40 to 45, one leaf tripled).
"""

import time
from collections.abc import Callable
from statistics import mean
from unittest.mock import patch

from quota_churn import EDITS, edits, lost
from quota_spaces import EASIER, LENGTH, STYLE, TASK, salted, space, tree

from tapc.ir import Space
from tapc.quota import Allocation, allocate, rounding

SKIPPED = {
    "all stages": (),
    "no exchanges": ("Exchanges",),
    "no swaps": ("mend_pairs",),
    "no walk": ("Walk",),
    "no exchanges, no walk": ("Exchanges", "Walk"),
    "no search": ("Exchanges", "mend_pairs", "Walk"),
}
SHAPES: dict[str, tuple[Callable[[int], Space], int, int]] = {
    "2,000 leaves": (lambda seed: space(tree([10, 10, 20], salted(seed)), EASIER), 3000, 4),
    "2,000 leaves, 50k": (lambda seed: space(tree([10, 10, 20], salted(seed)), EASIER), 50_000, 3),
    "five axes": (lambda seed: space(tree([10, 20], salted(seed)), task=TASK, style=STYLE, length=LENGTH), 2000, 3),
}
_KEPT = ("+1%", "zh 40->45", "leaf x3")


class _Nothing:
    def __init__(self, *_: object, **__: object) -> None: ...

    def run(self) -> None:
        """Does nothing."""


def _skip(*_: object) -> None:
    return None


def counted(given: Space, samples: int) -> Allocation:
    found = allocate(given, samples)
    assert isinstance(found, Allocation), found
    return found


def measured(name: str, seed: int) -> tuple[float, float, list[float]]:
    make, samples, _ = SHAPES[name]
    given = make(seed)
    started = time.process_time()
    before = counted(given, samples)
    seconds = time.process_time() - started
    if "leaves" not in name:
        return seconds, float(before.deviation().pair), []
    losses = [
        lost(before, counted(after, int(samples * factor))) / samples * 100
        for edit, (after, factor) in edits(given).items()
        if edit in _KEPT
    ]
    return seconds, float(before.deviation().pair), losses


def main() -> None:
    assert set(_KEPT) <= set(EDITS)
    print(f"{'':44s}{'CPU s':>8s}{'worst pair':>12s}" + "".join(f"{edit:>12s}" for edit in _KEPT))
    for name, (_, _, seeds) in SHAPES.items():
        for label, stages in SKIPPED.items():
            patches = [patch.object(rounding, stage, _skip if stage.islower() else _Nothing) for stage in stages]
            for one in patches:
                one.start()
            found = [measured(name, seed) for seed in range(seeds)]
            for one in patches:
                one.stop()
            losses = (mean(column) for column in zip(*(f[2] for f in found), strict=True))
            row = f"{mean(f[0] for f in found):8.2f}{mean(f[1] for f in found):12.2f}"
            print(f"{name:20s}{label:24s}{row}" + "".join(f"{loss:12.2f}" for loss in losses), flush=True)


if __name__ == "__main__":
    main()
