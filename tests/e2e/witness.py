"""Compares what a server billed with what the ledger says, while runs are killed and requests fail."""

import random
import re
import subprocess
import time
from typing import Protocol

from counting_server import Answer, Asked, Behaviour
from driving import Tapc
from paid_spec import ledger, stored_texts

FAULTS = (
    Answer(status=429, bills=False, headers=(("retry-after-ms", "60"),)),
    Answer(status=429, bills=False, headers=(("Retry-After", "0"),)),
    Answer(status=500),
    Answer(status=503, bills=False),
    Answer(end="drop", bills=False),
    Answer(end="drop"),
    Answer(end="hang"),
    Answer(end="trickle"),
    Answer(end="part"),
    Answer(end="garbage"),
    Answer(usage="none"),
)
JOB = re.compile(r"Reply ([0-9a-f]{24}) ")


def faulty(share: float, seed: int) -> Behaviour:
    """Goes wrong in this share of requests, in every way in turn."""
    chance = random.Random(seed)

    def behave(_: Asked) -> Answer:
        return chance.choice(FAULTS) if chance.random() < share else Answer(delay=chance.random() * 0.05)

    return behave


def jobs_in(texts: set[str]) -> set[str]:
    """Jobs whose reply the store has, by the server's own mark in it."""
    return {match[1] for text in texts if (match := JOB.match(text))}


class Server(Protocol):
    """A server that keeps count."""

    asked: list[Asked]

    @property
    def billed(self) -> int:
        """Picodollars so far."""
        ...


class Witness:
    """Compares the server's count with the ledger, again and again."""

    def __init__(self, tapc: Tapc, server: Server, cap: int) -> None:
        self.tapc = tapc
        self.server = server
        self.cap = cap
        self.checked = 0
        self._stored: set[str] = set()
        self._seen = 0

    def check(self) -> None:
        """No run is live: nothing billed is missing from the books, and nothing stored was asked again."""
        billed = self.server.billed  # first: what comes in later may still be held
        spent, held = ledger(self.tapc)
        assert billed <= spent.cost + held.cost, f"billed {billed}, booked {spent.cost} + {held.cost}"
        assert spent.cost + held.cost <= self.cap
        again = [a.job for a in self.server.asked[self._seen :] if a.job in self._stored]
        assert not again, "a job whose reply was stored was asked again"
        self._seen = len(self.server.asked)
        self._stored = jobs_in(stored_texts(self.tapc.folder / ".tapc"))
        self.checked += 1


def until_asked(server: Server, more: int, process: "subprocess.Popen[str]") -> None:
    """Wait until the server has had so many more requests, or the run has ended."""
    target, end = len(server.asked) + more, time.monotonic() + 60
    while len(server.asked) < target and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
