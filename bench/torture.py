"""Rounds of torture tests: kills, suspensions, full disks, clock changes, broken servers, several processes on one
store.

    python bench/torture.py --rounds 300 --seed 1000
    python bench/torture.py --rounds 20 --kind suspend
    python bench/torture.py --rounds 1 --seed 1234      # repeat a failed round, with a log of all its events

A round is determined by its number: number i has the kind i modulo the number of kinds. `--resume FILE` stores results,
one line of JSON per round, and continues after them.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "torture")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))

from torture_arena import Arena, References  # noqa: E402 - the path comes first
from torture_kinds import KINDS, play  # noqa: E402
from torture_server import TortureServer  # noqa: E402
from torture_specs import drawn  # noqa: E402


def one(number, kind, references, folder):
    """Run a round; returns its events."""
    chance = random.Random(number)
    arena = Arena(folder / f"round{number}", references, chance, drawn(chance))
    begun = time.monotonic()
    wrong = ""
    try:
        play(kind, arena)
    except Exception as error:  # noqa: BLE001 - any exception is reported with its round
        wrong = f"{type(error).__name__}: {error}"
    asked = arena.server.asked[arena.first :]
    found = {
        "number": number,
        "kind": kind,
        "wrong": wrong,
        "seconds": round(time.monotonic() - begun, 2),
        "requests": len(asked),
        "again": len(asked) - len({a.job for a in asked}),
        "looks": arena.looks,
        "processes": sum("start" in event for event in arena.log),
    }
    return found, arena


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 10**6, help="number of the first round")
    parser.add_argument("--kind", choices=list(KINDS), help="only this kind")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="file of earlier results, which is extended")
    parser.add_argument("--seconds", type=float, help="seconds after which no round begins")
    options = parser.parse_args()
    played = []
    if options.resume and options.resume.exists():
        played = [json.loads(line) for line in options.resume.read_text(encoding="utf-8").splitlines()]
    known = {row["number"] for row in played}
    kinds = list(KINDS)
    print(f"seed {options.seed}", flush=True)
    end = time.monotonic() + (options.seconds or 10**9)
    with tempfile.TemporaryDirectory() as place, TortureServer() as server:
        references = References(server, Path(place) / "references")
        for number in range(options.seed, options.seed + options.rounds):
            if number in known:
                continue
            if time.monotonic() > end:
                break
            found, arena = one(number, options.kind or kinds[number % len(kinds)], references, Path(place))
            played.append(found)
            if options.resume:
                with options.resume.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(found) + "\n")
            if found["wrong"] or options.rounds == 1:
                print(f"round {number} ({found['kind']}): {found['wrong'] or 'nothing wrong'}", flush=True)
                print("\n".join(f"    {event}" for event in arena.log), flush=True)
    table(played)
    return 1 if any(row["wrong"] for row in played) else 0


def table(played):
    """A line per kind."""
    sums = defaultdict(Counter)
    for row in played:
        for key in (row["kind"], "all"):
            sums[key].update({name: row[name] for name in ("requests", "again", "looks", "processes", "seconds")})
            sums[key].update(rounds=1, wrong=bool(row["wrong"]))
    print("| kind | rounds | wrong | processes | requests | asked twice | looks at the money | seconds each |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for key in [*sorted(set(sums) - {"all"}), "all"]:
        of = sums[key]
        if of["rounds"]:
            print(
                f"| {key} | {of['rounds']} | {of['wrong']} | {of['processes']} | {of['requests']:,} | {of['again']:,} "
                f"| {of['looks']:,} | {of['seconds'] / of['rounds']:.1f} |"
            )


if __name__ == "__main__":
    sys.exit(main())
