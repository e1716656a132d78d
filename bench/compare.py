"""CPU per job of two checkouts, alternately: `python bench/compare.py BEFORE AFTER [--turns 5] [--samples 6000]`.

Each turn makes a new dataset (executed jobs) and makes it again from the store (`--offline`, cached jobs) with both
checkouts against the same server, at two sizes, so that start-up drops out. It prints medians, minima and the ratio of
medians; ratios are meaningful even if the speed of the machine drifts, absolute figures are not. It also times `check`
and `plan`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from driving import finished, serving, write_spec


def cpu(tree: Path, folder: Path, *arguments: str) -> float:
    """CPU seconds of one command of a checkout."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it, every run would compile tapc again
    os.environ["PYTHONPATH"] = str(tree)
    _, usage, _ = finished([sys.executable, "-m", "tapc", *arguments], folder)
    return usage.ru_utime + usage.ru_stime


def turn(tree: Path, folder: Path, port: int, sizes: tuple[int, int]) -> dict[str, float]:
    """Measure one checkout: microseconds per job, milliseconds per command."""
    made: dict[str, list[float]] = {"executed": [], "cached": []}
    for samples in sizes:
        place = folder / str(samples)
        write_spec(place, port, samples)
        made["executed"].append(cpu(tree, place, "run", "bench.tap", "--yes", "-q", "--concurrency", "256"))
        made["cached"].append(cpu(tree, place, "run", "bench.tap", "--yes", "-q", "--offline"))
    jobs = sizes[1] - sizes[0]
    found = {f"{name} job, us": (two - one) / jobs * 1e6 for name, (one, two) in made.items()}
    for command in ("check", "plan"):
        found[f"{command}, ms"] = cpu(tree, place, command, "bench.tap") * 1000
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--samples", type=int, default=6000)
    options = parser.parse_args()
    sizes = options.samples // 6, options.samples
    trees = {"before": options.before.resolve(), "after": options.after.resolve()}
    found: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as base, serving() as port:
        for number in range(options.turns):
            for name, tree in trees.items():
                for what, value in turn(tree, Path(base) / f"{name}{number}", port, sizes).items():
                    found.setdefault(what, {}).setdefault(name, []).append(value)
    print(f"{'':18s}{'before':>16s}{'after':>16s}{'ratio':>8s}   medians (minima), {options.turns} turns")
    for what, by in found.items():
        one, two = by["before"], by["after"]
        cells = (f"{median(values):.1f} ({min(values):.1f})" for values in (one, two))
        print(f"{what:18s}" + "".join(f"{cell:>16s}" for cell in cells) + f"{median(two) / median(one):8.3f}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
