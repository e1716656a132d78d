# ruff: noqa: ARG001, E501 - every part takes the same arguments; rows of a table
"""The targets with the current measurements: `python bench/run.py [NAME ...] [--scale N]`; see README.md."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from driving import answered, arrivals, client, more_files, serving, tapc, write_spec

WIDTH = 256


def made(folder, name, port, samples, *options, require=""):
    """Make a new dataset."""
    place = folder / f"{name}-{samples}"
    write_spec(place, port, samples, require)
    return tapc(place, "run", "bench.tap", "--concurrency", WIDTH, *options)


def median(values):
    return sorted(values)[len(values) // 2]


def executed(folder, scale):
    """CPU per job, and jobs per second, against a server that answers at once; marginal between two sizes."""
    small, large = 1000 * scale, 6000 * scale
    cpu, rate = [], []
    with serving() as port:
        for turn in range(3):
            one, two = (made(folder, f"fast{turn}", port, n) for n in (small, large))
            cpu.append((two.cpu - one.cpu) / (large - small) * 1000)
            rate.append((large - small) / (two.run["seconds"] - one.run["seconds"]))
        one, two = (client(folder, "openai", port, n, 64) for n in (500, 1500))
        raw = [client(folder, "raw", port, n, 64) for n in (2000, 12000)]
    peer = two.cpu - one.cpu
    bare = (raw[1].cpu - raw[0].cpu) / 10
    yield "CPU per executed job", f"{median(cpu):.3f} ms", "0.35, then 0.25", f"openai {peer:.2f}, raw {bare:.3f} ms"
    peer_rate = 1000 / (two.run["seconds"] - one.run["seconds"])
    yield "jobs/s, 0 ms endpoint", f"{median(rate):,.0f}", "2,500", f"openai {peer_rate:,.0f}"


def steady(times):
    """Requests per second in the middle half of a run, without its ramp and its end."""
    first, last = len(times) // 4, len(times) * 3 // 4
    return (last - first) / (times[last] - times[first])


def whole(times, delay):
    """Requests per second from the first request to the last answer."""
    return len(times) / (times[-1] + delay - times[0])


def shares(folder, scale):
    """Share of the raw client's rate at 200 ms and 256 in flight, as the server sees it; interleaved, three turns."""
    samples, delay = 12000 * scale, 0.2
    variants = {
        "plain": ((), ""),
        "unique": (("--duplicates", 0.05), "require unique 0.9"),
        "tail": (("--tail", 0.001, 6), ""),
    }
    found = {name: ([], []) for name in variants}
    raw, peer = [], 0.0
    for turn in range(3):
        for name, (options, require) in variants.items():
            with serving("--delay", delay, *options) as port:
                client(folder, "raw", port, samples, WIDTH)
                beside = arrivals(port)
                made(folder, f"{name}{turn}", port, samples, require=require)
                times = arrivals(port)
                found[name][0].append(steady(times) / steady(beside))
                found[name][1].append(whole(times, delay) / whole(beside, delay))
                if name == "plain":
                    raw.append(steady(beside))
                if not peer:
                    client(folder, "openai", port, 1000, WIDTH)
                    peer = steady(arrivals(port)) / raw[0]
    for name, label, target in (
        ("plain", "rate at 200 ms x 256, of raw", "95%"),
        ("unique", "  with 5% duplicates, unique", "85% of plain"),
        ("tail", "  with 0.1% at 6 s (30 x 200 ms)", "85% of plain"),
    ):
        middle, all_of_it = (median(values) for values in found[name])
        beside = (
            f"raw {median(raw):,.0f}/s, openai {peer:.0%}"
            if name == "plain"
            else f"of plain {middle / median(found['plain'][0]):.0%}"
        )
        yield label, f"{middle:.0%}", target, f"{beside}; whole run {all_of_it:.0%}"


def cached(folder, scale):
    """Microseconds of CPU per job that is served from the store; marginal between two sizes."""
    small, large = 2000 * scale, 22000 * scale
    found = []
    with serving() as port:
        for samples in (small, large):
            made(folder, "cached", port, samples)
    for _ in range(3):
        one, two = (tapc(folder / f"cached-{n}", "run", "bench.tap", "--offline") for n in (small, large))
        found.append((two.cpu - one.cpu) / (large - small) * 1e6)
    yield "fully cached rerun, per job", f"{median(found):.1f} us", "30 us", ""


def memory(folder, scale, largest=100_000):
    """Peak memory over the number of slots."""
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= largest]
    peaks = []
    with serving() as port:
        for samples in sizes:
            place = folder / f"memory-{samples}"
            peaks.append(made(folder, "memory", port, samples).peak)
            again = tapc(place, "run", "bench.tap", "--offline")
            yield f"peak memory, {samples:,} slots", f"{peaks[-1]:.0f} MB", "", f"cached {again.peak:.0f} MB"
    growth = peaks[-1] - peaks[0]
    a_slot = growth * 1e6 / (sizes[-1] - sizes[0])
    yield f"growth to {sizes[-1]:,} slots", f"{growth:.0f} MB", "100 MB to 1,000,000", f"{a_slot:.0f} bytes per slot"


def killed(folder, scale):
    """Requests repeated after SIGKILL, of a run with 256 in flight at 20 ms."""
    samples = 4000 * scale
    with serving("--delay", 0.02) as port:
        place = folder / "killed"
        write_spec(place, port, samples)
        command = [sys.executable, "-m", "tapc", "run", "bench.tap", "--yes", "-q", "--concurrency", str(WIDTH)]
        log = (place / "log").open("wb")
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log)
        while answered(port) < samples // 2 and process.poll() is None:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        tapc(place, "run", "bench.tap", "--concurrency", WIDTH)
        repeated = answered(port) - samples
    yield "repeated after SIGKILL", str(repeated), f"{WIDTH} in flight", "and replies read in the last 50 ms"


def cold(folder, scale):
    """`tapc check` and `tapc plan` in a cold process."""
    place = folder / "cold"
    write_spec(place, 9, 1_000_000)
    checks = [tapc(place, "check", "bench.tap") for _ in range(5)]
    yield (
        "tapc check, cold",
        f"{median([c.cpu for c in checks]):.2f} s CPU",
        "0.25 s",
        f"{min(c.wall for c in checks):.2f} s wall",
    )
    plan = write_wide(place)
    plans = [tapc(place, "plan", plan.name) for _ in range(3)]
    yield (
        "tapc plan, 1M over 2,000 x 12 x 3",
        f"{median([p.cpu for p in plans]):.2f} s CPU",
        "2 s",
        f"{min(p.wall for p in plans):.2f} s wall",
    )


def write_wide(folder):
    """One million slots over 2,000 leaves, 12 languages and 3 difficulties."""
    leaves = "\n".join(
        f"a{i} {{ {', '.join(f'b{i}x{j} {{ ' + ', '.join(f'c{i}x{j}x{k}' for k in range(20)) + ' }' for j in range(10))} }}"
        for i in range(10)
    )
    path = folder / "wide.tap"
    path.write_text(
        f"""tap 1

dataset wide {{
  samples 1_000_000
  taxonomy topic {{
{leaves}
  }}
  mix language {{ en 15%, zh 40%, ar 7%, de 4%, es 5%, fr 5%, hi 6%, ja 4%, ko 3%, pt 2%, ru 1%, sw 8% }}
  mix difficulty {{ easy 30%, medium 50%, hard 20% }}
  endpoint w {{ model "sim" }}
  generate answer {{ using w, prompt "Write about {{{{ topic }}}} in {{{{ language.name }}}}, {{{{ difficulty }}}}." }}
  emit sft {{ from answer }}
}}
""",
        encoding="utf-8",
    )
    return path


PARTS = {"executed": executed, "shares": shares, "cached": cached, "memory": memory, "killed": killed, "cold": cold}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="parts to run; all by default")
    parser.add_argument("--scale", type=int, default=1, help="multiplies the numbers of jobs")
    parser.add_argument("--million", action="store_true", help="measure memory up to 1,000,000 slots")
    options = parser.parse_args()
    more_files()
    print(f"| {'what':34} | {'measured':>12} | {'target':20} | {'compare':30} |", flush=True)
    print("|---|---:|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.parts or PARTS:
            more = {"largest": 1_000_000} if name == "memory" and options.million else {}
            for row in PARTS[name](Path(folder), options.scale, **more):
                print("| {:34} | {:>12} | {:20} | {:30} |".format(*row), flush=True)


if __name__ == "__main__":
    main()
