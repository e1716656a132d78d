"""Money, as the server counts it: through faults, kills and restarts, billed <= spent + held <= cap."""

import random
import re
import subprocess
import time

from counting_server import Answer, Asked, Behaviour, CountingServer
from driving import Tapc
from paid_spec import budget, ledger, paid, stored_texts, written

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


class Witness:
    """Compares the server's count with the ledger, again and again."""

    def __init__(self, tapc: Tapc, server: CountingServer, cap: int) -> None:
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


def until_asked(server: CountingServer, more: int, process: "subprocess.Popen[str]") -> None:
    """Wait until the server has had so many more requests, or the run has ended."""
    target, end = len(server.asked) + more, time.monotonic() + 60
    while len(server.asked) < target and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


def test_the_server_never_bills_more_than_the_ledger_says(tapc: Tapc) -> None:
    cap_usd, chance = 0.02, random.Random(11)
    with CountingServer(faulty(0.4, 5)) as server:
        spec = written(tapc, paid(server.url, samples=60, timeout="1s", budget=f"cost ${cap_usd}"))
        witness = Witness(tapc, server, round(cap_usd * 10**12))
        for turn in range(5):
            runs = [
                tapc.start("run", spec, "--yes", "--quiet", "--out", f"out{number}")
                for number in range(2 if turn == 2 else 1)
            ]
            until_asked(server, chance.randrange(1, 25), runs[0])
            time.sleep(chance.random() * 0.1)
            for run in runs:
                run.kill()
            for run in runs:
                run.communicate()
            witness.check()
        assert len(server.asked) > 20, "the kills left the runs time to ask"
        server.behave = faulty(0.1, 6)
        run = tapc.run(spec, "--yes", code=None)
        witness.check()
        server.behave = faulty(0.0, 7)
        spec = written(tapc, paid(server.url, samples=60, timeout="1s", budget="cost $1"))
        witness.cap = 10**12
        run = tapc.run(spec, "--yes")
        witness.check()
        assert run["samples"] == {"planned": 60, "accepted": 60, "short": 0}
        line = budget(tapc)
        assert line["held"] == {"usd": 0, "tokens": 0, "requests": 0}
        assert server.billed <= round(line["spent"]["usd"] * 10**12)
        before = len(server.asked)
        assert tapc.run(spec)["requests"]["sent"] == 0
        assert len(server.asked) == before
