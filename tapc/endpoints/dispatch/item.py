"""A job on its way through the dispatcher."""

from typing import Literal

from tapc.endpoints.dispatch.counts import Tally
from tapc.endpoints.dispatch.origin import Flight
from tapc.endpoints.dispatch.replica import Replica
from tapc.jobs import Job, WorstCase


class Item:
    """A submitted job with what happened to it so far.

    Attributes:
        holds: what it has of its lane and must give back: a place among the claims, or a permit to send.
        replica: where it is sent, while it holds a permit.
        avoid: where it failed last.
        flight: of its request, in the window of the server it is sent to.
        useless: answers to it that may have been paid for and cannot be used.
    """

    __slots__ = (
        "avoid", "flight", "holds", "job", "label", "phase", "refusals", "replica", "sent", "tally", "tries", "useless",
        "worst",
    )  # fmt: skip

    def __init__(self, job: Job, label: str, tally: Tally, worst: WorstCase) -> None:
        self.job = job
        self.label = label
        self.tally = tally
        self.worst = worst
        self.tries = self.refusals = self.sent = self.useless = 0
        self.holds: Literal["", "claim", "permit"] = ""
        self.phase: Literal["waiting", "claiming", "ready", "sending", "booking", "ended"] = "waiting"
        self.replica: Replica | None = None
        self.avoid: Replica | None = None
        self.flight: Flight | None = None
