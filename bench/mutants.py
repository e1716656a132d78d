"""Puts faults into the code, one at a time, and reports which of them the tests catch.

    python bench/mutants.py                                # all, with the narrowest tests of each file
    python bench/mutants.py --package store --jobs 2
    python bench/mutants.py --only store/book:3 --resume found.jsonl
    python bench/mutants.py --list

The faults are in `mutants.toml`. Each is applied in a copy of the tree, never in place; its tests run in turn until one
fails. `--resume FILE` stores results, one line of JSON each, and continues after an interruption; a fault whose text or
file has changed is tried again.
"""

import argparse
import json
import os
import queue
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("tapc", "tests", "grammar", "stdlib", "specs", "docs", "bench", "pyproject.toml", "README.md", "CHANGELOG.md")
SECONDS = 900.0
"""For one line of a fault's tests; one that takes longer hangs, which says nothing on a busy machine."""

INNER = {"endpoints/client": "client", "endpoints/dispatch": "dispatch", "engine/fold": "fold"}
"""Packages within packages that are counted by themselves; others are the first folder."""

SUBJECTS = {
    "expectations": (
        "ir/expectations",
        "semantics/show/expectations",
        "semantics/lower/expectations",
        "outputs/expecting",
        "plan/expecting",
    ),
    "renames": (
        "ir/names",
        "quota/naming",
        "semantics/space/moved",
        "plan/diff/renaming",
        "plan/diff/proposals",
        "workspace/spec/renamed",
    ),
    "brake": ("engine/brake", "engine/ask_queue", "engine/session", "workspace/run/braking"),
    "lock": ("plan/lock/", "quota/locked", "quota/bands", "quota/recall", "workspace/spec/lock"),
    "diffs": ("plan/diff/",),
    "estimates": (
        "plan/estimate/",
        "plan/budgets",
        "plan/costing",
        "plan/counting",
        "plan/forecast/",
        "jobs/bounds",
        "jobs/tariff",
    ),
    "keys": ("jobs/", "steps/draw_groups", "steps/identity"),
    "options": ("cli/", "workspace/run/execution.py", "workspace/spec/checked.py"),
}
"""Subjects that cross packages, by what their files begin with; the first that fits."""


class Fault(NamedTuple):
    """One fault.

    Attributes:
        name: file, and index in its list.
        package: package of the file.
        file: file to change.
        kind: kind of the fault, such as `boundary`.
        old, new: original and replacement text.
        tests: tests to run, in turn.
        equivalent: why it changes nothing; empty if it does.
    """

    name: str
    package: str
    file: str
    kind: str
    old: str
    new: str
    tests: tuple[str, ...]
    equivalent: str


def package_of(file: str) -> str:
    """The package whose tests should catch a fault in a file."""
    inner = file.removeprefix("tapc/")
    for folder, name in INNER.items():
        if inner.startswith(folder):
            return name
    for subject, starts in SUBJECTS.items():
        if inner.startswith(starts):
            return subject
    return inner.partition("/")[0]


def faults() -> list[Fault]:
    """All faults, in the order of the file."""
    data = tomllib.loads((ROOT / "bench" / "mutants.toml").read_text(encoding="utf-8"))
    found = []
    stems: set[str] = set()
    for file, section in data.items():
        stem = f"{package_of(file)}/{Path(file).stem}"
        if stem in stems:  # the folder above tells them apart
            stem = f"{package_of(file)}/{Path(file).parent.name}.{Path(file).stem}"
        stems.add(stem)
        for number, entry in enumerate(section["faults"]):
            kind, old, new, *rest = entry
            why = rest[0].removeprefix("equivalent: ") if rest else ""
            found.append(
                Fault(f"{stem}:{number}", package_of(file), file, kind, old, new, tuple(section["tests"]), why)
            )
    return found


def misplaced(fault: Fault) -> str:
    """Why a fault cannot be applied; empty if it can."""
    path = ROOT / fault.file
    if not path.is_file():
        return f"{fault.name}: there is no {fault.file}"
    times = path.read_text(encoding="utf-8").count(fault.old)
    return "" if times == 1 else f"{fault.name}: {fault.old!r} stands {times} times in {fault.file}"


class Copy:
    """A copy of the tree, in which one fault at a time is tried."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder / name)
        (folder / ".venv").symlink_to((ROOT / ".venv").resolve())

    def attempt(self, fault: Fault) -> tuple[str, str, float]:
        """`caught` (and by which test), `hangs`, or `survived`; and seconds."""
        path = self.folder / fault.file
        text = path.read_text(encoding="utf-8")
        begun = time.monotonic()
        path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
        try:
            for tests in fault.tests:
                if (self.folder / tests.split()[0]).exists() and (said := self.fails(tests)):
                    return "hangs" if said == tests else "caught", said, time.monotonic() - begun
            return "survived", "", time.monotonic() - begun
        finally:
            time.sleep(max(0.0, 1.1 - (time.monotonic() - begun)))  # compiled files are compared by seconds
            path.write_text(text, encoding="utf-8")

    def fails(self, tests: str) -> str:
        """Which test fails; empty where none does, the line itself where it takes too long."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-o",
            "timeout=150",
            "--hypothesis-profile=unshrunk",
        ]
        process = subprocess.Popen(
            [*command, *shlex.split(tests)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            out, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return tests
        finally:
            shutil.rmtree(self.folder / ".hypothesis", ignore_errors=True)  # what one fault failed at is no other's
        if process.returncode in (0, 5):
            return ""
        failed = (line for line in out.splitlines() if line.startswith(("FAILED", "ERROR")))
        return next(failed, f"{tests}: {out[-200:]}")


def known(resume: Path | None) -> dict[str, dict]:
    """Results of earlier runs by name."""
    if resume is None or not resume.exists():
        return {}
    return {row["name"]: row for row in map(json.loads, resume.read_text(encoding="utf-8").splitlines())}


def play(chosen: list[Fault], jobs: int, resume: Path | None, seconds: float) -> dict[str, dict]:
    """Try all faults without a known result."""
    results = {
        name: row
        for name, row in known(resume).items()
        if any((f.name, f.old, f.new) == (name, row["old"], row["new"]) for f in chosen)
    }
    todo: queue.Queue[Fault] = queue.Queue()
    for fault in chosen:
        if fault.name not in results and not fault.equivalent:
            todo.put(fault)
    end, lock = time.monotonic() + seconds, threading.Lock()

    def work(copy: Copy) -> None:
        while time.monotonic() < end:
            try:
                fault = todo.get_nowait()
            except queue.Empty:
                return
            outcome, by, took = copy.attempt(fault)
            row = {"name": fault.name, "outcome": outcome, "by": by, "seconds": round(took, 1)}
            row |= {"old": fault.old, "new": fault.new}
            with lock:
                results[fault.name] = row
                print(f"{outcome:9} {fault.name:24} {fault.kind:18} {took:5.0f} s  {by[:90]}", flush=True)
                if resume:
                    with resume.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")

    with tempfile.TemporaryDirectory() as place:
        copies = [Copy(Path(place) / f"tree{number}") for number in range(jobs)]
        threads = [threading.Thread(target=work, args=(copy,)) for copy in copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return results


def table(chosen: list[Fault], results: dict[str, dict]) -> None:
    """A line per package, the survivors, and the equivalents."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for fault in chosen:
        outcome = "equivalent" if fault.equivalent else results.get(fault.name, {}).get("outcome", "not tried")
        for package in (fault.package, "all"):
            counts[package][outcome] += 1
    print("| package | faults | caught | survived | hangs | equivalent | not tried | rate |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for package in [*sorted(set(counts) - {"all"}), "all"]:
        of = counts[package]
        tried = of["caught"] + of["survived"]
        rate = f"{of['caught'] / tried:.0%}" if tried else ""
        told = (of[name] for name in ("caught", "survived", "hangs", "equivalent", "not tried"))
        print(f"| {package} | {sum(of.values())} | {' | '.join(map(str, told))} | {rate} |")
    for fault in chosen:
        if results.get(fault.name, {}).get("outcome") == "survived":
            print(f"survived: {fault.name} {fault.file} ({fault.kind})\n  - {fault.old!r}\n  + {fault.new!r}")
        elif fault.equivalent:
            print(f"equivalent: {fault.name}: {fault.equivalent}")


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", action="append", help="these packages alone")
    parser.add_argument("--only", action="append", help="faults whose name contains this")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--resume", type=Path, metavar="FILE")
    parser.add_argument("--seconds", type=float, default=10**9, help="begin none after so many")
    parser.add_argument("--list", action="store_true", help="list them, and those that cannot be applied")
    options = parser.parse_args()
    chosen = [
        fault
        for fault in faults()
        if (not options.package or fault.package in options.package)
        and (not options.only or any(part in fault.name for part in options.only))
    ]
    wrong = [why for fault in chosen if (why := misplaced(fault))]
    if options.list:
        for fault in chosen:
            print(f"{fault.name:24} {fault.package:10} {fault.kind}")
    else:
        placed = [fault for fault in chosen if not misplaced(fault)]
        table(chosen, play(placed, options.jobs, options.resume, options.seconds))
    print("\n".join(wrong))
    print(f"{len(chosen)} faults, {len(wrong)} of them misplaced")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
