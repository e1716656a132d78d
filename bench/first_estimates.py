"""Error of the expectation before and after a first run, over the reference specs in specs/*.tap.

    python bench/first_estimates.py [SPEC ...] [--first N]

Each spec runs on simulated endpoints; `price free` ones get $1 and $4 per million tokens so that there is a cost to
compare. `before` is the expectation of a new workspace for all samples; `after` is the expectation with the first N
samples (a tenth by default) in the store; both are compared with the actual usage of all samples. `95%` is the
percentile in the plan after the first run, and whether the cost of the rest stayed under it. Errors are signed: +100%
means that twice the actual usage was expected.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tapc.plan import PlanDocument, Planned
from tapc.workspace.plan.document import plan_document
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

ROOT = Path(__file__).resolve().parent.parent
PRICE = "price { input $1/M, output $4/M }"


def planned(spec: Path) -> Planned | None:
    return count_spec(check_spec(spec, settings={}, dataset=None)).planned


def report(spec: Path, folder: Path, first: int | None) -> None:
    """Run one spec, in two parts, and print one line per step."""
    priced = folder / spec.name
    priced.write_text(spec.read_text(encoding="utf-8").replace("price free", PRICE), encoding="utf-8")
    plan = planned(priced)
    if plan is None or not all(endpoint.simulated for endpoint in plan.dataset.endpoints):
        print(f"{spec.name:20} left out: wrong, or not simulated")
        return
    before = document(plan, folder)
    run(priced, folder, "--limit", str(first or max(1, len(plan.slots) // 10)))
    after = document(plan, folder)
    run(priced, folder)
    done = document(plan, folder)
    paid = {(s.name, s.endpoint): s for s in after.seen}
    sums = [[0.0] * 3, [0.0] * 3, [0.0] * 3]
    for seen in done.seen:
        place = (seen.name, seen.endpoint)
        early, late = (next(s for s in d.steps if (s.name, s.endpoint) == place) for d in (before, after))
        had = paid.get(place)
        rows = (
            (early.input_tokens.expected, late.input_tokens.expected + (had.input if had else 0), seen.input),
            (early.output_tokens.expected, late.output_tokens.expected + (had.output if had else 0), seen.output),
            (early.cost_usd.expected, late.cost_usd.expected + (had.usd if had else 0), seen.usd),
        )
        sums = [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(sums, rows, strict=True)]
        line(spec.name, "/".join(place), rows, "")
    rest = sum(s.usd for s in done.seen) - sum(s.usd for s in after.seen)
    likely = after.total.likely_usd or 0.0
    line(spec.name, "total", sums, f"{likely / rest - 1:+6.0%} {'held' if rest <= likely else 'passed'}")


def document(plan: Planned, folder: Path) -> PlanDocument:
    return plan_document(plan, spec="", store=folder / ".tapc", diagnostics=(), by=())


def run(spec: Path, folder: Path, *more: str) -> None:
    command = [sys.executable, "-m", "tapc", "run", str(spec), "-q", "--out", "out", "--store", ".tapc", *more]
    subprocess.run(command, cwd=folder, check=False, capture_output=True)


def line(spec: str, what: str, rows: list[list[float]] | tuple[tuple[float, ...], ...], more: str) -> None:
    errors = [f"{early / used - 1:+6.0%} {late / used - 1:+6.0%}" if used else " " * 13 for early, late, used in rows]
    print(f"{spec:20} {what:24} {'   '.join(errors)}   {more}")


def main() -> None:
    arguments = sys.argv[1:]
    first = None
    if "--first" in arguments:
        at = arguments.index("--first")
        first = int(arguments[at + 1])
        del arguments[at : at + 2]
    specs = [Path(name).resolve() for name in arguments] or sorted((ROOT / "specs").glob("*.tap"))
    print(f"{'':45} {'input':13}   {'output':13}   {'cost':13}   95% of the rest")
    print(f"{'spec':20} {'step':24} {'   '.join(['before  after'] * 3)}")
    for spec in specs:
        with tempfile.TemporaryDirectory() as folder:
            report(spec, Path(folder), first)


if __name__ == "__main__":
    main()
