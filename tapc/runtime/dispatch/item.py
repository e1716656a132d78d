"""A job on its way through the dispatcher."""

from typing import Literal

import msgspec

from tapc.jobs import Job, WorstCase
from tapc.runtime.dispatch.counts import Tally

Reason = Literal["ceiling", "endpoint", "refused", "failed", "busy", "stopped"]
"""Why there is no reply: a ceiling is reached; the endpoint is given up; this request is refused for good; too many
tries failed; another run asks it and does not end; the run was stopped."""


class NoReply(msgspec.Struct, frozen=True):
    """A job whose reply cannot be had in this run."""

    reason: Reason
    detail: str = ""


class Item:
    """A submitted job with what happened to it so far."""

    __slots__ = ("avoid", "job", "label", "permit", "phase", "refusals", "sent", "tally", "tries", "worst")

    def __init__(self, job: Job, label: str, tally: Tally, worst: WorstCase) -> None:
        self.job = job
        self.label = label
        self.tally = tally
        self.worst = worst
        self.tries = self.refusals = self.sent = 0
        self.permit = False
        self.phase: Literal["waiting", "claiming", "sending", "booking", "ended"] = "waiting"
        self.avoid: object = None
