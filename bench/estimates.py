"""Error of the expected output tokens before and after a first run, over specs/*.tap.

    python bench/estimates.py [SPEC ...]

Each spec runs on simulated endpoints. `before` is what a new workspace expects, `after` what is expected of the same
samples once the store has a history. Errors are signed: +100% means that twice what was used was expected.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tapc.plan import cost_plan, with_repeats
from tapc.runtime.store import open_store
from tapc.workspace.cached import look_up
from tapc.workspace.checked import check_spec
from tapc.workspace.compiled import count_spec
from tapc.workspace.planning import used_so_far
from tapc.workspace.rates import language_rates

ROOT = Path(__file__).resolve().parent.parent


def report(spec: Path, folder: Path) -> None:
    """Run one spec and print a line a step."""
    planned = count_spec(check_spec(spec, settings={}, dataset=None)).planned
    if planned is None or not all(endpoint.simulated for endpoint in planned.dataset.endpoints):
        print(f"{spec.name:24} left out: wrong, or not simulated")
        return
    command = [sys.executable, "-m", "tapc", "run", str(spec), "-q", "--out", "out", "--store", ".tapc"]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    store = open_store(folder / ".tapc", offline=True)
    stored, history = look_up(planned, store), used_so_far(store)
    store.close()
    before = cost_plan(planned, language_rates(), {})
    after = with_repeats(cost_plan(planned, language_rates(), history), stored.repeats)
    sums = [0, 0, 0]
    for first, later in zip(before, after, strict=True):
        place = (first.recipe.step, first.recipe.endpoint)
        used = stored.seen[place].output if place in stored.seen else 0
        if used:
            sums = [a + b for a, b in zip(sums, (first.output.expected, later.output.expected, used), strict=True)]
            line(spec, "/".join(place), first.output.expected, later.output.expected, used)
    if sums[2]:
        line(spec, "total", *sums)


def line(spec: Path, what: str, before: int, after: int, used: int) -> None:
    print(f"{spec.name:24} {what:28} {before / used - 1:+8.0%} {after / used - 1:+8.0%}")


def main() -> None:
    specs = [Path(name).resolve() for name in sys.argv[1:]] or sorted((ROOT / "specs").glob("*.tap"))
    print(f"{'spec':24} {'step':28} {'before':>8} {'after':>8}")
    for spec in specs:
        with tempfile.TemporaryDirectory() as folder:
            report(spec, Path(folder))


if __name__ == "__main__":
    main()
