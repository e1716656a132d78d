"""Money, as the server counts it: through faults, kills and restarts, billed <= spent + held <= cap."""

import random
import time

from counting_server import CountingServer
from driving import Tapc
from paid_spec import budget, paid, written
from witness import Witness, faulty, until_asked


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
