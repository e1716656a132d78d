"""Cost and recall of `require unique`: `python bench/dedup.py [TEXTS ...]`.

Texts have 40 words, and each is accepted unless it is similar to an accepted one; one in twenty repeats an earlier text
with one word changed. The script prints time and memory for each size, then recall and precision by actual similarity
at a threshold of 0.8.
"""

import random
import resource
import subprocess
import sys
import time
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from tapc.checks import CheckTools, MemoryCheck
from tapc.inputs.table import scratch_file
from tapc.kinds.checks.unique.spec import Unique
from tapc.kinds.compiling import compile_check

WORDS = 40
SIZES = (10_000, 100_000, 1_000_000)


def check(threshold: str) -> MemoryCheck:
    """A new check with actual scratch files."""
    made = compile_check(Unique(check="unique", threshold=Fraction(threshold)), CheckTools(scratch=scratch_file))
    assert isinstance(made, MemoryCheck)
    return made


def changed(words: list[str], times: int, rng: random.Random) -> list[str]:
    """A text with some words replaced."""
    found = list(words)
    for place in rng.sample(range(1, len(words) - 1), times):
        found[place] = f"x{rng.getrandbits(40)}"
    return found


def anonymous() -> float:
    """Megabytes of memory that is not mapped from files."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def grow(texts: int) -> None:
    """Accept a number of texts and print the cost."""
    rng, unique = random.Random(1), check("0.8")
    before, own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, anonymous()
    repeated: list[list[str]] = []
    spent, found, planted = 0.0, 0, 0
    for number in range(texts):
        if number % 20 == 19:
            words = changed(rng.choice(repeated), 1, rng)
            planted += 1
        else:
            words = [f"w{rng.randrange(50_000)}" for _ in range(WORDS)]
            if len(repeated) < 1000:
                repeated.append(words)
        begin = time.process_time()
        detail, keep = unique.weigh(" ".join(words), "")
        if detail is None:
            keep()
        spent += time.process_time() - begin
        found += detail is not None
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{texts:>9,} texts: {1e6 * spent / texts:5.0f} µs of CPU each, {anonymous() - own:5.0f} MB of memory "
          f"(peak with mapped files, which the system may drop: {grown:.0f} MB), "
          f"{found:,} of {planted:,} repeats rejected", flush=True)  # fmt: skip


def quality(pairs: int) -> None:
    """Print what is rejected at 0.8, by actual similarity."""
    rng = random.Random(7)
    seen: Counter[int] = Counter()
    found: Counter[int] = Counter()
    for _ in range(pairs):
        words = [f"w{rng.getrandbits(40)}" for _ in range(61)]
        near = changed(words, rng.randrange(1, 12), rng)
        a, b = ({f"{x} {y}" for x, y in pairwise(text)} for text in (words, near))
        similarity = int(100 * len(a & b) / len(a | b)) // 5 * 5
        unique = check("0.8")
        _, keep = unique.weigh(" ".join(words), "")
        keep()
        seen[similarity] += 1
        found[similarity] += unique.weigh(" ".join(near), "")[0] is not None
    for similarity in sorted(seen, reverse=True):
        print(f"  similar by {similarity / 100:.2f} to {similarity / 100 + 0.05:.2f}: "
              f"{found[similarity]:,} of {seen[similarity]:,} rejected")  # fmt: skip


def main() -> None:
    """Measure each size in its own process, so that the peaks of memory are separate."""
    if sys.argv[1:2] == ["--alone"]:
        grow(int(sys.argv[2]))
        return
    for texts in map(int, sys.argv[1:] or SIZES):
        subprocess.run([sys.executable, __file__, "--alone", str(texts)], check=True)
    print("pairs of texts of 61 words, threshold 0.8")
    quality(5000)


if __name__ == "__main__":
    main()
