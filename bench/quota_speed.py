"""Speed, memory and exactness of the allocator: `python bench/quota_speed.py [NAME ...]`.

Each shape runs in its own process, so that memory is measured separately; CPU seconds are those of the allocation
alone.
"""

import resource
import subprocess
import sys
import time

from quota_spaces import BY_LANGUAGE, EASIER, LENGTH, PERSONA, STYLE, TASK, equal, space, tree, zipf

from tapc.plan.slots import Slots
from tapc.quota import Allocation, allocate

SHAPES = {
    "724 leaves x 4 x 3": (
        lambda: space(tree([4, 181]), language={"ar": 10, "en": 30, "sw": 20, "zh": 40}),
        {100: 2, 2000: 2},
    ),
    "2,000 x 12 x 3": (lambda: space(tree([10, 10, 20]), EASIER), {100: 2, 10_000: 2, 1_000_000: 2, 10_000_000: 10}),
    "2,000 equal": (lambda: space(tree([10, 10, 20], equal), EASIER), {10_000: 2, 1_000_000: 2}),
    "60 zipf": (lambda: space(tree([6, 10], zipf), EASIER), {10: 2, 1000: 2, 1_000_000: 2}),
    "conditional": (lambda: space(tree([5, 8, 10]), *BY_LANGUAGE), {1000: 2, 100_000: 2}),
    "five axes": (
        lambda: space(tree([10, 20]), EASIER, task=TASK, style=STYLE, length=LENGTH),
        {2000: 10, 100_000: 10},
    ),
    "200 values": (lambda: space(tree([5, 10, 10]), persona=PERSONA), {10_000: 10, 100_000: 10}),
    "50,000 leaves": (lambda: space(tree([10, 10, 10, 50])), {100_000: 10, 1_000_000: 10, 10_000_000: 10}),
}


def run(name: str, samples: int) -> None:
    make, targets = SHAPES[name]
    given = make()
    before = time.process_time()
    allocation = allocate(given, samples)
    seconds = time.process_time() - before
    assert isinstance(allocation, Allocation)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    before = time.process_time()
    listed = sum(1 for _ in zip(range(100_000), Slots(allocation), strict=False))
    each = (time.process_time() - before) / max(listed, 1) * 1e6
    off = allocation.deviation()
    print(
        f"{name:20s} {samples:>10,}  {seconds:6.2f} s (target {targets[samples]:>2})  {peak:4d} MB  "
        f"cells {len(allocation):>9,}  off: node {float(off.node):.3f} axis {float(off.axis):.3f} "
        f"in node {float(off.axis_in_node):.4f} pair {float(off.pair):.3f}  slots {each:.1f} us",
        flush=True,
    )


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "--one":
        run(sys.argv[2], int(sys.argv[3]))
        return
    for name in sys.argv[1:] or SHAPES:
        for samples in SHAPES[name][1]:
            subprocess.run([sys.executable, __file__, "--one", name, str(samples)], check=True)


if __name__ == "__main__":
    main()
