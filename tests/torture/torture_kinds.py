"""Kinds of fault. Each disturbs a round in its own way and leaves the rest to the judge.

A kind is a function of an arena; its draws come from the arena's chance alone, so that a round can be had again by its
number. Moments are counted in requests that the server has seen, not in seconds.
"""

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from counting_server import Answer, Asked
from torture_arena import Arena, Violation
from torture_specs import NAME, edited

Kind = Callable[[Arena], None]


def kill(arena: Arena) -> None:
    """SIGKILL at any moment, up to three times in a row."""
    for _ in range(arena.chance.randint(1, 3)):
        process = arena.start()
        if arena.until(arena.moment(), process):
            arena.kill(process)
        arena.ended(process)


def suspend(arena: Arena) -> None:
    """SIGSTOP for less or more than a time limit while replies come in, and SIGCONT."""
    process = arena.start()
    for _ in range(arena.chance.randint(1, 2)):
        if arena.until(arena.moment(), process):
            arena.signal(process, signal.SIGSTOP)
            time.sleep(arena.chance.choice((0.1, 1.8)))
            arena.signal(process, signal.SIGCONT)
    arena.ended(process)


def interrupt(arena: Arena) -> None:
    """Ctrl-C once, or twice in a hurry."""
    for _ in range(arena.chance.randint(1, 2)):
        process = arena.start()
        if arena.until(arena.moment(), process):
            arena.signal(process, signal.SIGINT)
            if arena.chance.random() < 0.5:
                time.sleep(arena.chance.random() * 0.05)
                arena.signal(process, signal.SIGINT)
        arena.ended(process)


def clock(arena: Arena) -> None:
    """The wall clock jumps, forwards and backwards, within a run and between runs; a kill goes with it."""
    arena.server.trouble = _sometimes(arena, [Answer(status=429, bills=False, headers=(("retry-after", "0"),))], 0.1)
    arena.clock(arena.chance.choice((-40, -1, 1, 365)) * 86400.0)
    process = arena.start()
    if arena.until(arena.moment(), process):
        arena.clock(arena.chance.choice((-3, -0.5, 0.5, 7)) * 86400.0)
    if arena.chance.random() < 0.5 and arena.until(arena.moment(), process):
        arena.kill(process)
    arena.ended(process)
    arena.clock(arena.chance.choice((-1.0, 1.0)) * 3600)
    arena.ended(arena.start())


def disk(arena: Arena) -> None:
    """The disk fills at any moment, and has room again for the next run. Where nothing may be mounted: see `quota`."""
    with _small_disk(arena.folder, 9 << 20) as mounted:
        if not mounted:
            quota(arena)
            return
        arena.write(arena.shape)
        process = arena.start()
        arena.until(arena.moment(), process)
        filler = arena.folder / "filler"
        _fill(filler)
        arena.note(f"the disk is full after {arena.asked} requests")
        if arena.ended(process) == 3:
            raise Violation("a full disk is no ceiling")
        filler.unlink()
        arena.finish()


def quota(arena: Arena) -> None:
    """No file may grow beyond so many bytes: the store's, or the dataset's."""
    most = arena.chance.choice((9, 30, 60, 120, 250)) * 1024
    arena.note(f"files of at most {most} bytes")
    process = arena.start()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    arena.ended(process)


def errors(arena: Arena) -> None:
    """Statuses that mean later, or nothing: billed or not, with and without a wait."""
    later = (("retry-after-ms", "5"),)
    choices = [
        Answer(status=500, bills=True),
        Answer(status=502, bills=False),
        Answer(status=503, bills=False, headers=later),
        Answer(status=529, bills=True),
        Answer(status=429, bills=False, headers=later),
        Answer(status=408, bills=True),
    ]
    arena.server.trouble = _sometimes(arena, choices, 0.25)
    arena.ended(arena.start())


def wires(arena: Arena) -> None:
    """Connections that break before, in and after an answer; bodies cut, doubled, or no JSON; headers without end."""
    ends = ("drop", "part", "garbage", "twice", "reset", "headers", "flood")
    arena.server.trouble = _sometimes(arena, [Answer(end=end) for end in ends], 0.15)
    arena.ended(arena.start())


def slow(arena: Arena) -> None:
    """Answers that come byte by byte, late, or never, against a time limit of 1.5 s."""
    choices = [Answer(end="hang"), Answer(end="trickle"), Answer(delay=0.7), Answer(delay=1.6)]
    arena.server.trouble = _sometimes(arena, choices, 0.05)
    arena.ended(arena.start())


def pair(arena: Arena) -> None:
    """Two processes on one store; one of them is killed."""
    _together(arena, 2)


def trio(arena: Arena) -> None:
    """Three processes on one store, started at any moment; two are killed, suspended or interrupted."""
    _together(arena, 3)


def edit(arena: Arena) -> None:
    """The spec is edited while a run of the old one is at work, or after it was killed; then once more."""
    for _ in range(2):
        process = arena.start()
        reached = arena.until(arena.moment(), process)
        arena.write(edited(arena.shape, arena.chance))
        arena.note(f"edited: {arena.shape}")
        if reached and arena.chance.random() < 0.5:
            arena.kill(process)
        arena.ended(process)


def folder(arena: Arena) -> None:
    """The output folder, or the half-made one beside it, is removed, or a file put in its place, during a run."""
    if arena.chance.random() < 0.5:
        arena.ended(arena.start())
    process = arena.start()
    arena.until(arena.moment(), process)
    out = arena.folder / "out"
    kind = arena.chance.choice(("all", "staged", "file", "final"))
    arena.note(f"{kind} removed after {arena.asked} requests")
    if kind == "staged":
        for path in out.glob(f".{NAME}.new-*"):
            shutil.rmtree(path, ignore_errors=True)
    elif kind == "final":
        shutil.rmtree(out / NAME, ignore_errors=True)
    else:
        shutil.rmtree(out, ignore_errors=True)
        if kind == "file":
            with contextlib.suppress(OSError):  # made again meanwhile
                out.write_text("a note of somebody's", encoding="utf-8")
    arena.ended(process)
    if out.is_file():
        out.unlink()


def locked(arena: Arena) -> None:
    """The place of the output cannot be written: not a folder, or without the right to; nothing paid for is lost."""
    arena.ends.add(2)
    out = arena.folder / "out"
    process = arena.start()
    arena.until(arena.moment(), process)
    arena.kill(process)
    if os.geteuid() and out.is_dir():
        out.chmod(0o500)
    else:
        shutil.rmtree(out, ignore_errors=True)
        out.write_text("not a folder", encoding="utf-8")
    try:
        if arena.ended(arena.start()) == 0:
            raise Violation("a run that can write nowhere says all is well")
    finally:
        if out.is_file():
            out.unlink()
        elif out.is_dir():
            out.chmod(0o755)


def commit(arena: Arena) -> None:
    """SIGKILL while the dataset is put into place: files written, or the folders exchanged."""
    if arena.chance.random() < 0.5:
        arena.ended(arena.start())
    later = arena.chance.choice((0.0, 0.0005, 0.002, 0.005, 0.02))
    process = arena.start()
    staged = arena.folder / "out"

    def writing() -> bool:
        return any(
            (path / "data").exists() or (path / "manifest.json").exists() for path in staged.glob(f".{NAME}.new-*")
        )

    if _closely(writing, process):
        time.sleep(later)
        arena.kill(process)
    arena.ended(process)


def cap(arena: Arena) -> None:
    """A cap below what the dataset costs, kills on the way to it; then the cap is raised."""
    _, _, whole = arena.references.of(arena.shape)
    wanted = arena.shape
    low = int(whole * arena.chance.uniform(0.2, 0.8)) // 1000 * 1000
    arena.write(wanted._replace(cap=low))
    arena.limit(low)
    arena.note(f"cap {low} of {whole}")
    for _ in range(arena.chance.randint(0, 2)):
        process = arena.start()
        if arena.until(arena.moment(), process):
            arena.kill(process)
        arena.ended(process)
    arena.ended(arena.start())
    arena.limit(wanted.cap)
    arena.write(wanted)


def crowded_cap(arena: Arena) -> None:
    """Two processes share a cap that neither may cross, with answers that are lost."""
    _, _, whole = arena.references.of(arena.shape)
    wanted = arena.shape
    low = int(whole * arena.chance.uniform(0.3, 0.9)) // 1000 * 1000
    arena.write(wanted._replace(cap=low))
    arena.limit(low)
    arena.note(f"cap {low} of {whole}")
    arena.server.trouble = _sometimes(arena, [Answer(end="drop"), Answer(status=500)], 0.05)
    both = [arena.start(out=out) for out in ("out", "two")]
    if arena.until(arena.moment(), *both) and arena.chance.random() < 0.5:
        arena.signal(both[0], signal.SIGKILL)
    for process in both:
        arena.ended(process)
    arena.limit(wanted.cap)
    arena.write(wanted)


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        kill, suspend, interrupt, clock, disk, quota, errors, wires, slow, pair, trio, edit, folder, locked, commit, cap,
        crowded_cap,
    )
}  # fmt: skip


def _sometimes(arena: Arena, choices: list[Answer], share: float) -> Callable[[Asked], Answer | None]:
    """Trouble for this share of the requests; which ones is drawn for each request by its number in the round."""
    seed = arena.chance.getrandbits(32)

    def trouble(asked: Asked) -> Answer | None:
        chance = random.Random(seed * 1_000_003 + asked.number - arena.first)
        if asked.number - arena.first < 2 or chance.random() >= share:  # an endpoint that never answers is given up
            return None
        drawn = chance.choice(choices)
        return Answer(status=drawn.status, bills=drawn.bills, end=drawn.end, headers=drawn.headers, delay=drawn.delay)

    return trouble


def _together(arena: Arena, count: int) -> None:
    outs = ("out", "two", "three")[:count]
    processes: list[subprocess.Popen[bytes]] = []
    for out in outs:
        processes.append(arena.start(out=out))
        if arena.chance.random() < 0.5:
            arena.until(arena.moment(), *processes)
    for victim in arena.chance.sample(processes, count - 1):
        if not arena.until(arena.moment(), *processes):
            break
        how = arena.chance.choice((signal.SIGKILL, signal.SIGSTOP, signal.SIGINT))
        arena.signal(victim, how)
        if how is signal.SIGSTOP:
            time.sleep(arena.chance.choice((0.1, 1.7)))
            arena.signal(victim, signal.SIGCONT)
    for process in processes:
        arena.ended(process)


def _closely(reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> bool:
    """Wait for something short-lived, with hardly a pause."""
    while process.poll() is None:
        if reached():
            return True
        time.sleep(0.0003)
    return False


def _fill(filler: Path) -> None:
    """Take all the room there is, in ever smaller pieces."""
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[bool]:
    """Mount a disk of so many bytes on a folder, where the system lets us."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None
    mounted = mounted and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def play(kind: str, arena: Arena) -> None:
    """Disturb, finish and judge one round."""
    try:
        KINDS[kind](arena)
        if not arena.finished:
            arena.finish()
    finally:
        arena.close()
