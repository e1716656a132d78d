"""Two trees of tapc alternately against one server: rate and CPU of one relative to the other.

    python bench/turns.py OTHER [--requests 20000] [--delay 0.2] [--turns 3] [--free]

OTHER is a checkout to compare with, such as a worktree of an older commit (with or without `.venv`: both run on this
Python). The rate is what the server sees, from the first request to the last answer.
"""

import argparse
import os
import tempfile
from pathlib import Path

from driving import arrivals, more_files, serving, tapc, write_spec
from run import median, whole

HERE = Path(__file__).resolve().parents[1]


def once(tree, folder, options, port):
    """Rate and CPU seconds of one run."""
    place = write_spec(folder, port, options.requests).parent
    if options.free:
        path = place / "bench.tap"
        spec = path.read_text(encoding="utf-8").replace("price { input $0.10/M, output $0.40/M }", "price free")
        path.write_text(spec, encoding="utf-8")
    os.environ["PYTHONPATH"] = str(tree)
    used = tapc(place, "run", "bench.tap", "--concurrency", 256)
    return whole(arrivals(port), options.delay), used.cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--delay", type=float, default=0.2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--free", action="store_true", help="an endpoint without a price")
    options = parser.parse_args()
    more_files()
    rates, cpus = [], []
    with tempfile.TemporaryDirectory() as folder, serving("--delay", options.delay) as port:
        for turn in range(options.turns):
            pair = [(options.other.resolve(), "other"), (HERE, "here")]
            found = {}
            for tree, name in pair if turn % 2 else pair[::-1]:
                found[name] = once(tree, Path(folder) / f"{name}{turn}", options, port)
            rates.append(found["here"][0] / found["other"][0])
            cpus.append(found["here"][1] / found["other"][1])
            print(
                f"turn {turn}: {found['here'][0]:7,.0f}/s of {found['other'][0]:7,.0f}/s ({rates[-1]:.1%}), "
                f"CPU {found['here'][1]:.2f} s of {found['other'][1]:.2f} s ({cpus[-1]:.1%})",
                flush=True,
            )
    print(f"median: rate {median(rates):.1%}, CPU {median(cpus):.1%}")


if __name__ == "__main__":
    main()
