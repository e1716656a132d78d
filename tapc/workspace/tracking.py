"""`tapc plan --track`: what runs were expected to send, pay and take, and what they did.

A run makes its forecast before its first request and keeps it in the store at once, so that a run that is killed is
known as well; when it ends, what it did is added.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from tapc.outputs import Bounds, RunDocument, RunForecast
from tapc.plan import Interval, Planned, describe
from tapc.store import Store
from tapc.store.protocol import StoreProtocol
from tapc.workspace.estimate import estimate_plan

_KIND = "track"
_KEPT = 500
"""Runs of a dataset that are remembered."""

_FACTOR = 2.0
"""The time of a forecast holds if it is off by no more than this factor."""

State = Literal["scored", "interrupted", "stopped", "unfinished"]
_STATES: dict[str | None, State] = {None: "scored", "interrupt": "interrupted"}


class TrackPart(BaseModel):
    """Base of the parts of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Actual(TrackPart):
    """What a run did."""

    requests: int = Field(description="without those that were repeated after a failure of the endpoint")
    usd: float
    seconds: float


class TrackedRun(TrackPart):
    """One run: what was expected of it before its first request, and what it did."""

    run: str = Field(description="its name in the store, which sorts by time")
    started: str = Field(description="in UTC")
    plan_digest: str
    state: State = Field(
        description="`scored`, or why it is not: `interrupted` by the user, `stopped` early (a ceiling, errors, the "
        "brake), `unfinished` (it still runs, or was killed)"
    )
    forecast: RunForecast
    actual: Actual | None = Field(description="null if it is unfinished")
    requests_hold: bool | None = Field(description="whether the requests are in their interval; null if not scored")
    usd_holds: bool | None = Field(description="the same of the cost")
    seconds_hold: bool | None = Field(description="whether the time was expected within a factor of two")


class TrackSummary(TrackPart):
    """The scored runs together."""

    runs: int
    requests_held: int = Field(description="runs whose requests were in their interval")
    requests_known: int = Field(description="runs that had such an interval")
    usd_held: int
    usd_known: int
    median_requests_error: float | None = Field(description="median of |expected - actual| / actual; null without runs")
    median_usd_error: float | None
    median_seconds_error: float | None


class TrackDocument(TrackPart):
    """The forecasts of a dataset's runs, the latest first."""

    schema_: Literal["tapc.track/1"] = Field(default="tapc.track/1", alias="schema")
    dataset: str
    runs: list[TrackedRun]
    summary: TrackSummary


class _Kept(msgspec.Struct, frozen=True):
    """A run as the store keeps it; `stopped` and `actual` are of the run's end."""

    started: str
    plan_digest: str
    forecast: bytes
    stopped: str | None = None
    actual: bytes | None = None


class Tracking:
    """Keeps the forecast of one run.

    Args:
        store: where it is kept.
        dataset: its name.
        run: name of the run.
        started: when it started, as `run.json` says it.
        plan_digest: of its plan.
        forecast: made before its first request.
    """

    def __init__(
        self, store: StoreProtocol, dataset: str, run: str, started: str, plan_digest: str, forecast: RunForecast
    ) -> None:
        self._store = store
        self._place = (dataset, _KIND, run)
        self._kept = _Kept(started, plan_digest, forecast.model_dump_json().encode())
        self.forecast = forecast
        self._write()

    def end(self, run: RunDocument, seconds: float) -> None:
        """Add what the run did, and how long it took without the forecast itself."""
        requests = run.requests.sent - run.requests.retried
        actual = Actual(requests=requests, usd=run.spend.usd, seconds=seconds)
        self._kept = msgspec.structs.replace(
            self._kept, stopped=run.stopped or "", actual=actual.model_dump_json().encode()
        )
        self._write()

    def _write(self) -> None:
        self._store.measure(*self._place, msgspec.json.encode(self._kept), keep=_KEPT)


def predict(planned: Planned, store: Path, limit: int | None) -> RunForecast:
    """What a run is expected to send, pay and take: the figures that `plan` shows.

    Args:
        planned: the plan.
        store: folder of the store.
        limit: number of samples that the run makes, the first by rank; None means all.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    made = estimate_plan(planned, store, limit=limit)
    document = describe(
        planned,
        made.costs,
        spec="",
        kept=made.kept,
        expected=made.forecast,
        spent=made.spent,
        speeds=made.speeds,
        by=(),
    )
    total, found = document.total, document.forecast
    busy = [endpoint for endpoint in document.endpoints if endpoint.seconds.expected]
    measured = all(endpoint.pace is not None for endpoint in busy)
    return RunForecast(
        requests=total.requests.expected,
        requests_interval=None if found is None else _bounds(found.requests),
        usd=total.cost_usd.expected,
        usd_interval=None if found is None else _bounds(found.cost_usd),
        seconds=total.seconds.expected,
        pace="none" if not busy else "measured" if measured else "assumed",
    )


def _bounds(interval: Interval | None) -> Bounds | None:
    return None if interval is None else Bounds(low=interval.low, high=interval.high)


def track_document(dataset: str, store: Store) -> TrackDocument:
    """The forecasts of a dataset's runs, scored.

    Raises:
        StoreError: the store cannot be read.
    """
    runs: list[TrackedRun] = []
    for one in store.measured(dataset, _KIND):
        try:
            runs.append(_tracked(one.name, msgspec.json.decode(one.value, type=_Kept)))
        except ValueError:  # written by a version with other forecasts
            continue
    runs.sort(key=lambda run: run.run, reverse=True)
    return TrackDocument(dataset=dataset, runs=runs, summary=_summary([run for run in runs if run.state == "scored"]))


def _tracked(name: str, kept: _Kept) -> TrackedRun:
    forecast = RunForecast.model_validate_json(kept.forecast)
    actual = None if kept.actual is None else Actual.model_validate_json(kept.actual)
    state = "unfinished" if actual is None else _STATES.get(kept.stopped or None, "stopped")
    scored = actual if state == "scored" else None
    timed = scored is not None and forecast.seconds > 0 and scored.seconds > 0
    return TrackedRun(
        run=name,
        started=kept.started,
        plan_digest=kept.plan_digest,
        state=state,
        forecast=forecast,
        actual=actual,
        requests_hold=None if scored is None else _within(forecast.requests_interval, scored.requests),
        usd_holds=None if scored is None else _within(forecast.usd_interval, scored.usd),
        seconds_hold=1 / _FACTOR <= forecast.seconds / scored.seconds <= _FACTOR if timed and scored else None,
    )


def _within(bounds: Bounds | None, actual: float) -> bool | None:
    return None if bounds is None else bounds.low <= actual <= bounds.high


def _summary(runs: Sequence[TrackedRun]) -> TrackSummary:
    pairs = [(run.forecast, run.actual) for run in runs if run.actual is not None]
    held = [run.requests_hold for run in runs if run.requests_hold is not None]
    paid = [run.usd_holds for run in runs if run.usd_holds is not None]
    return TrackSummary(
        runs=len(runs),
        requests_held=sum(held),
        requests_known=len(held),
        usd_held=sum(paid),
        usd_known=len(paid),
        median_requests_error=_error([(expected.requests, actual.requests) for expected, actual in pairs]),
        median_usd_error=_error([(expected.usd, actual.usd) for expected, actual in pairs]),
        median_seconds_error=_error(
            [(expected.seconds, actual.seconds) for expected, actual in pairs if expected.pace == "measured"]
        ),
    )


def _error(pairs: Sequence[tuple[float, float]]) -> float | None:
    errors = [abs(expected - actual) / actual for expected, actual in pairs if actual]
    return median(errors) if errors else None
