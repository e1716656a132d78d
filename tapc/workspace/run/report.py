"""Options of a run, and its report."""

from pathlib import Path
from typing import Literal

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.engine import Loss, SessionResult
from tapc.outputs import LostJobs, Manifest, RunDocument

_UNKNOWN = "unknown finish_reason "
"""The beginning of kinds of oddities that are about finish reasons."""


class RunOptions(msgspec.Struct, frozen=True):
    """Options of a run.

    Attributes:
        out: folder that holds dataset folders.
        store: folder of the store.
        limit: number of slots to make, the first by rank; None means all.
        offline: whether to open no connection and read no environment.
        partial: whether to send nothing and write what is stored and accepted.
        give_up: whether to record jobs that get no reply as given up, so that slots go on without them.
        concurrency: most requests in flight per endpoint.
        max_cost: picodollars this run may spend, in addition to the spec's ceilings.
        allow_run: whether programs that the spec names may run.
        allow_short: share of the planned slots that may be missing without exit code 5.
        track: whether to forecast the run before its first request, to be scored later.
        brake: whether to stop asking once it is certain that too few samples pass.
        keep_lock: whether the lock of the plan is written before the first request.
    """

    out: Path
    store: Path
    limit: int | None = None
    offline: bool = False
    partial: bool = False
    give_up: bool = False
    concurrency: int | None = None
    max_cost: int | None = None
    allow_short: float = 0.0
    allow_run: bool = False
    brake: bool = True
    track: bool = False
    keep_lock: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is sent."""
        return self.offline or self.partial

    @property
    def whole(self) -> bool:
        """Whether the whole dataset is to be made, so that what the spec expects of it must hold."""
        return self.limit is None and not self.partial


RunStatus = Literal["ok", "short", "empty", "unexpected", "budget", "interrupt", "brake"]
"""How a run ended: complete, with samples or with a whole config missing, complete but not as the spec expects, stopped
by a ceiling, interrupted, stopped by the brake."""


class RunReport(msgspec.Struct, frozen=True):
    """What a run did.

    Attributes:
        folder: folder of the dataset.
        written: whether it was written; a run without a single row leaves an earlier version.
        manifest: manifest of the dataset.
        run: content of `run.json`.
        result: result of the session.
        problems: findings about endpoints.
        status: how the run ended; decides the exit code.
        lock: path of the lock, if the run wrote it.
    """

    folder: Path
    written: bool
    manifest: Manifest
    run: RunDocument
    result: SessionResult
    problems: tuple[Diagnostic, ...]
    status: RunStatus
    lock: Path | None = None


def lost_jobs(loss: Loss, *, given_up: bool) -> LostJobs:
    """Jobs without a reply, as `run.json` lists them."""
    return LostJobs(
        step=loss.step,
        endpoint=loss.endpoint,
        reason=loss.reason,
        detail=loss.detail,
        jobs=loss.jobs,
        key=loss.key,
        given_up=given_up,
    )


def unknown_ends(oddities: dict[str, dict[str, int]]) -> list[Diagnostic]:
    """One warning per endpoint that gave finish reasons that `replies.toml` does not list."""
    found: list[Diagnostic] = []
    for endpoint, kinds in oddities.items():
        words = {kind.removeprefix(_UNKNOWN): count for kind, count in kinds.items() if kind.startswith(_UNKNOWN)}
        if words:
            shown = ", ".join(f"{word} ({count:,})" for word, count in words.items())
            message = f"endpoint {endpoint!r} ends replies by words that are not known: {shown}"
            note = "their texts were taken as complete; the word is stored with each reply. Are they? See a few rows"
            found.append(Diagnostic("TAP917", "warning", message, (), (note,)))
    return found
