"""How to run, and what a run reports."""

from pathlib import Path
from typing import Literal

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.engine import Loss, SessionResult
from tapc.outputs import LostJobs, Manifest, RunDocument

_UNKNOWN = "unknown finish_reason "
"""How kinds of oddities begin that are about the word by which a reply ended."""


class RunOptions(msgspec.Struct, frozen=True):
    """How to run.

    Attributes:
        out: folder that holds dataset folders.
        store: folder of the store.
        limit: only the first so many slots.
        offline: open no connection and read no environment.
        partial: send nothing, and be content with what is stored and accepted.
        give_up: record jobs that cannot be had as given up, so that slots go on without them.
        concurrency: most requests in flight of one endpoint.
        max_cost: picodollars this run may spend, beside the spec's own ceilings.
        allow_run: whether programs the spec names may run.
        allow_short: share of the planned slots that may be missing without exit code 5.
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

    @property
    def silent(self) -> bool:
        """Whether nothing is sent."""
        return self.offline or self.partial


RunStatus = Literal["ok", "short", "empty", "budget", "interrupt"]
"""How a run ended: complete, with samples or with a whole config missing, stopped by a ceiling, interrupted."""


class RunReport(msgspec.Struct, frozen=True):
    """What a run did.

    Attributes:
        folder: the dataset.
        written: whether it was; a run without a single row leaves what stood there.
        manifest: what the dataset is.
        run: what the run did.
        result: the session's own account of it.
        problems: what was found wrong with endpoints on the way.
        status: decides the exit code.
    """

    folder: Path
    written: bool
    manifest: Manifest
    run: RunDocument
    result: SessionResult
    problems: tuple[Diagnostic, ...]
    status: RunStatus


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
    """One warning per endpoint that ended replies by words that `replies.toml` does not list."""
    found: list[Diagnostic] = []
    for endpoint, kinds in oddities.items():
        words = {kind.removeprefix(_UNKNOWN): count for kind, count in kinds.items() if kind.startswith(_UNKNOWN)}
        if words:
            shown = ", ".join(f"{word} ({count:,})" for word, count in words.items())
            message = f"endpoint {endpoint!r} ends replies by words that are not known: {shown}"
            note = "their texts were taken as complete; the word is stored with each reply. Are they? See a few rows"
            found.append(Diagnostic("TAP917", "warning", message, (), (note,)))
    return found
