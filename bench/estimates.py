"""Forecasts against runs: edits of eight specs with checks and judges that reject, on simulated models.

    python bench/estimates.py [--edits N] [--seed S] [--spec NAME ...] [--json FILE]

Each spec of `edited_specs.py` is run, then edited N times (25 by default, so 200 edits in all). Before each run of an
edited spec, `tapc plan` forecasts it from the store and from the acceptance that earlier runs recorded; then it runs,
and its requests and cost are compared with the forecast. The models reject with probabilities that differ by topic,
language and wording (`cell_effects.py`).

Of edits whose interval is no point, the interval of 95% should hold in 90 to 99 of 100, and the median error of the
expectation should be under 10%.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cell_effects
import edited_specs

from tapc.engine import Silent
from tapc.plan import Interval, PlanDocument, Planned
from tapc.workspace.plan.document import plan_document
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions, RunReport
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec


class Outcome(NamedTuple):
    """One edit: expected, lowest and highest of 95%, and actual; requests, then dollars.

    The interval of dollars is endless if a model is new, whose texts may have any length.
    """

    spec: str
    edit: str
    requests: tuple[float, float, float, float]
    cost: tuple[float, float, float, float]
    accepted: int
    planned: int
    sources: tuple[str, ...] = ()

    @property
    def point(self) -> bool:
        """Whether nothing was uncertain."""
        return self.requests[1] == self.requests[2]

    @property
    def held(self) -> tuple[bool, bool]:
        """Whether requests and cost were in their intervals; rounding of dollars is forgiven."""
        (_, low, high, sent), (_, least, most, paid) = self.requests, self.cost
        return low <= sent <= high, least - 1e-9 <= paid <= most + 1e-9

    @property
    def errors(self) -> tuple[float, float]:
        """Relative errors of the expectations."""
        return tuple(abs(one[0] - one[3]) / max(one[3], 1e-12) for one in (self.requests, self.cost))  # type: ignore[return-value]


def edits(example: edited_specs.Example, count: int, seed: int, folder: Path) -> Iterator[Outcome]:
    """Run a spec, edit it and run it again, so many times."""
    random = Random(f"{seed} {example.name}")
    now = {**edited_specs.first(example), "seed": seed}
    options = RunOptions(folder / "out", folder / ".tapc", brake=False)
    path = folder / f"{example.name}.tap"
    with cell_effects.served(seed) as url:
        run(planned(path, edited_specs.written(example, now, url)), options)
        for _ in range(count):
            edit, now = edited_specs.edited(example, now, random)
            plan = planned(path, edited_specs.written(example, now, url))
            document = plan_document(plan, spec=path.name, store=options.store, diagnostics=(), by=())
            yield outcome(example.name, edit, document, run(plan, options))


def planned(path: Path, text: str) -> Planned:
    """The plan of a spec."""
    path.write_text(text, encoding="utf-8")
    counted = count_spec(check_spec(path, settings={}, dataset=None))
    if counted.planned is None:
        raise SystemExit("\n".join(str(finding) for finding in counted.diagnostics) + f"\n{text}")
    return counted.planned


def run(plan: Planned, options: RunOptions) -> RunReport:
    """Run a plan to its end."""
    return run_plan(plan, options, sources=(), environ={}, observer=Silent())


def outcome(spec: str, edit: str, document: PlanDocument, report: RunReport) -> Outcome:
    """Forecast and run, compared."""
    forecast, total = document.forecast, document.total
    if forecast is None or forecast.requests is None:
        raise SystemExit(f"{spec}: no interval after {edit}: {document.forecast}")
    dollars = forecast.cost_usd or Interval(low=0.0, high=inf)
    sent, paid = report.run.requests.sent, report.run.spend.usd
    return Outcome(
        spec,
        edit,
        (total.requests.expected, forecast.requests.low, forecast.requests.high, sent),
        (total.cost_usd.expected, dollars.low, dollars.high, paid),
        report.manifest.samples.accepted,
        report.manifest.samples.planned,
        tuple(f"{one.step} {one.source} {one.accepted:.0%}" for one in forecast.basis),
    )


def line(one: Outcome) -> str:
    """An edit on one line."""
    marks = "".join("." if held else "X" for held in one.held)
    expected, low, high, actual = one.requests
    paid = f"${one.cost[0]:.4f} ({one.cost[1]:.4f}..{one.cost[2]:.4f}) {one.cost[3]:.4f}"
    return f"{one.spec:9} {marks} {one.edit:34.34} {expected:5.0f} ({low:.0f}..{high:.0f}) {actual:5.0f}  {paid}"


def summary(found: Sequence[Outcome]) -> dict[str, float]:
    """Shares of intervals that held, and median errors, over edits whose interval is no point."""
    open_ = [one for one in found if not one.point]
    size = max(1, len(open_))
    priced = [one for one in open_ if one.cost[2] < inf]
    points = [one for one in found if one.point]
    return {
        "edits": len(found),
        "points": len(points),
        "points exact": sum(one.requests[0] == one.requests[3] for one in points),
        "requests held": sum(one.held[0] for one in open_) / size,
        "cost held": sum(one.held[1] for one in priced) / max(1, len(priced)),
        "both held": sum(all(one.held) for one in open_) / size,
        "median error of requests": median([one.errors[0] for one in open_] or [0.0]),
        "median error of cost": median([one.errors[1] for one in priced] or [0.0]),
    }


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spec", action="append")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found: list[Outcome] = []
    for example in edited_specs.EXAMPLES:
        if given.spec and example.name not in given.spec:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for one in edits(example, given.edits, given.seed, Path(folder)):
                found.append(one)
                print(line(one), flush=True)
    for name, value in summary(found).items():
        print(f"{name}: {value:.1%}" if isinstance(value, float) else f"{name}: {value}")
    if given.json:
        given.json.write_text(json.dumps([one._asdict() for one in found], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
