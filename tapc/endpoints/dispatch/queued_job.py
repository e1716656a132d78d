"""A job on its way through the dispatcher, and the counts it enters."""

from typing import Literal

import msgspec

from tapc.endpoints.dispatch.origin import Flight
from tapc.endpoints.dispatch.replica import Replica
from tapc.jobs import Job, WorstCase


class RequestCounts(msgspec.Struct):
    """Counts of one step at one endpoint. Money in picodollars.

    Attributes:
        sent: requests that left, retries included.
        done: jobs with a reply (of any outcome).
        retried: requests beyond a job's first.
        failed: jobs without a reply.
        in_flight: requests on their way now.
        input_tokens, output_tokens, cost: of replies, as reported; worst cases of unknown outcomes are not in it.
        unknown: requests whose outcome is unknown and which were charged at the worst case.
        estimated: replies whose usage was not reported.
    """

    sent: int = 0
    done: int = 0
    retried: int = 0
    failed: int = 0
    in_flight: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    unknown: int = 0
    estimated: int = 0


class QueuedJob:
    """A submitted job with what happened to it so far.

    Attributes:
        order: its place among jobs that wait for the same endpoint, smaller first.
        holds: what it has of its queue and must give back: a place among the claims, or a permit to send.
        replica: where it is sent, while it holds a permit.
        avoid: where it failed last.
        flight: of its request, in the window of the server it is sent to.
        useless: answers to it that may have been paid for and cannot be used.
    """

    __slots__ = (
        "avoid",
        "counts",
        "flight",
        "holds",
        "job",
        "label",
        "order",
        "phase",
        "refusals",
        "replica",
        "sent",
        "tries",
        "useless",
        "worst",
    )  # fmt: skip

    def __init__(self, job: Job, label: str, counts: RequestCounts, worst: WorstCase, order: int) -> None:
        self.job = job
        self.label = label
        self.counts = counts
        self.worst = worst
        self.order = order
        self.tries = self.refusals = self.sent = self.useless = 0
        self.holds: Literal["", "claim", "permit"] = ""
        self.phase: Literal["waiting", "claiming", "ready", "sending", "booking", "ended"] = "waiting"
        self.replica: Replica | None = None
        self.avoid: Replica | None = None
        self.flight: Flight | None = None
