"""One round of torture: a spec, a store, a server, the processes that work on them, and the judge of it all.

The judge shares nothing with what it judges: it adds up what the server billed, and reads the ledger and the folder as
a stranger would.
"""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from called import Called
from driving import clean_environment
from torture_server import TortureServer, calm
from torture_specs import NAME, Shape

from tapc.store import all_keys, open_store

CLOCK = Path(__file__).parent / "clock"
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0
"""Seconds after which a process counts as hanging; nothing here lasts ten where the machine is idle."""

ENDS = frozenset({0, 3, 5, 130, -signal.SIGKILL})
"""How a disturbed process may end: complete, a ceiling, short, interrupted, killed."""


class Violation(AssertionError):  # noqa: N818 - a verdict, not a fault of the program
    """Something that must never happen."""


class References:
    """What undisturbed runs give, by spec: exit code, bytes, and what the server billed for it."""

    def __init__(self, server: TortureServer, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._known: dict[tuple[str, bytes], tuple[int, dict[str, bytes], int]] = {}

    def of(self, shape: Shape, lock: bytes = b"") -> tuple[int, dict[str, bytes], int]:
        """Of a spec beside a lock: what earlier plans of an edited spec counted stays where it is."""
        text = shape.text(self.server.url)
        if (text, lock) not in self._known:
            self._folder.mkdir(parents=True, exist_ok=True)
            folder = Path(mkdtemp(dir=self._folder))
            (folder / "torture.tap").write_text(text, encoding="utf-8")
            if lock:
                (folder / "torture.tap.lock").write_bytes(lock)
            first, tapc = len(self.server.asked), Called(folder)
            disturbed = self.server.trouble, self.server.pace
            self.server.trouble, self.server.pace = calm, 0.0
            done = tapc("run", "torture.tap", "--yes", "--quiet", code=None)
            self.server.trouble, self.server.pace = disturbed
            if done.returncode not in (0, 5):
                raise Violation(f"an undisturbed run exits with {done.returncode}: {done.stderr}")
            billed = sum(asked.billed for asked in self.server.asked[first:])
            del self.server.asked[first:]  # it is no part of the round that asks for it
            self._known[text, lock] = (done.returncode, tapc.bytes_of(NAME), billed)
        return self._known[text, lock]


class Arena:
    """A folder, a store, and the processes of one round.

    Args:
        folder: empty.
        references: gives the server, and what should come out.
        chance: every draw of the round.
        shape: of the first spec.
    """

    def __init__(self, folder: Path, references: References, chance: random.Random, shape: Shape) -> None:
        self.folder = folder
        self.chance = chance
        self.shape = shape
        self.references = references
        self.server = references.server
        self.outs = ["out"]
        self.log: list[str] = []
        self.running: list[subprocess.Popen[bytes]] = []
        self.looks = 0
        self.ends = set(ENDS)
        self._durable: list[tuple[int, frozenset[str]]] = []
        self._places: dict[int, Path] = {}
        self._environment: dict[str, str] = {}
        self._cap = shape.cap
        self._begun = time.monotonic()
        self.finished = False
        references.of(shape)
        self.first = len(self.server.asked)
        self.server.trouble, self.server.pace = calm, 0.01 + chance.random() * 0.04
        self.server.answered.clear()
        folder.mkdir(parents=True, exist_ok=True)
        self.write(shape)

    @property
    def asked(self) -> int:
        """Requests the server has had in this round."""
        return len(self.server.asked) - self.first

    @property
    def billed(self) -> int:
        """Picodollars the server has charged in this round."""
        return sum(asked.billed for asked in self.server.asked[self.first :])

    def write(self, shape: Shape) -> None:
        """Put another spec in place; its undisturbed bytes become the right ones."""
        self.shape = shape
        (self.folder / "torture.tap").write_text(shape.text(self.server.url), encoding="utf-8")

    def note(self, event: str) -> None:
        """Remember what was done, and when, for whoever has to find out what went wrong."""
        self.log.append(f"{time.monotonic() - self._begun:6.2f} s  {event}")

    def clock(self, seconds: float) -> None:
        """Move the wall clock of all processes, those to come included."""
        self.note(f"clock {seconds:+.0f} s")
        (self.folder / "clock").write_text(str(seconds), encoding="ascii")
        self._environment = {
            "TORTURE_CLOCK": str(self.folder / "clock"),
            "PYTHONPATH": os.pathsep.join((str(CLOCK), os.environ.get("PYTHONPATH", str(ROOT)))),
        }

    def start(self, *more: str, out: str = "out") -> subprocess.Popen[bytes]:
        """Start `tapc run` in a process of its own."""
        if out not in self.outs:
            self.outs.append(out)
        with (self.folder / f"stderr{len(self.log)}").open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "tapc", "run", "torture.tap", "--yes", "--out", out, *more],
                cwd=self.folder,
                # CPython leaves compiled modules cut short where a file may not grow, and fails at them ever after
                env=clean_environment(PYTHONDONTWRITEBYTECODE="1", **self._environment),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        self.note(f"start --out {out} {' '.join(more)}".strip())
        self.running.append(process)
        self._places[process.pid] = self.folder / out
        return process

    def until(self, count: int, *processes: subprocess.Popen[bytes]) -> bool:
        """Wait until the server has had so many requests; False where the processes ended before."""
        return self.wait(lambda: self.asked >= count, *processes)

    def wait(self, reached: Callable[[], bool], *processes: subprocess.Popen[bytes]) -> bool:
        """Wait for something, looking at the money on the way; False where the processes ended before."""
        end = time.monotonic() + PATIENCE
        look = 0.0
        while not reached():
            if processes and all(process.poll() is not None for process in processes):
                return reached()
            now = time.monotonic()
            if now > end:
                raise Violation(f"nothing happens for {PATIENCE:.0f} s")
            if now > look:
                self.look()
                look = now + 0.2
            time.sleep(0.005)
        return True

    def moment(self) -> int:
        """How many more requests the server is to see before something happens; few, to strike while all is moving."""
        return self.asked + self.chance.randint(1, max(4, self.shape.samples))

    def signal(self, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        """Send a signal to a process that may have ended."""
        if number is signal.SIGINT:  # while Python starts it is Python's, and ends as that does
            self.wait(lambda: any(self._places[process.pid].glob(f".{NAME}.*")), process)
        if process.poll() is None:
            self.note(f"{number.name} after {self.asked} requests")
            process.send_signal(number)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL, and note what was durable."""
        self.signal(process, signal.SIGKILL)
        self.ended(process)

    def ended(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for the end of a process, look at how it ended, and note what is durable if it was the last one."""
        self.wait(lambda: process.poll() is not None)
        if process in self.running:
            self.running.remove(process)
        self.note(f"exit {process.returncode}")
        if process.returncode not in self.ends:
            raise Violation(f"a process ends with {process.returncode}: {self.errors()[-1500:]}")
        if not self.running:
            self._durable.append((len(self.server.asked), self.stored()))
        return process.returncode

    def errors(self) -> str:
        """What all processes wrote."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("stderr*")))

    def stored(self) -> frozenset[str]:
        """Jobs whose reply is in the store, by what the replies say."""
        if not (self.folder / ".tapc" / "store.db").exists():
            return frozenset()
        opened = open_store(self.folder / ".tapc", offline=True)
        try:
            texts = [text for reply in opened.get(all_keys(opened)).values() for text in reply.texts]
        except sqlite3.OperationalError:  # killed, or without room, before there were tables
            texts = []
        finally:
            opened.close()
        known = {asked.job for asked in self.server.asked[self.first :]}
        return frozenset(job for text in texts for job in text.replace('"', " ").split() if job in known)

    def look(self) -> None:
        """Billed <= spent + held <= cap, at this moment: the bill is read first, since the ledger can only grow over it."""
        billed = self.billed
        found = self._ledger()
        if found is None:
            if billed:
                raise Violation(f"billed {billed} without an account")
            return
        self.looks += 1
        spent, held, *_ = found
        if billed > spent + held:
            raise Violation(f"billed {billed} > spent {spent} + held {held}")
        if spent + held > self._cap:
            raise Violation(f"spent {spent} + held {held} > cap {self._cap}")

    def limit(self, cap: int) -> None:
        """From now on the cap is another one; no process may be running."""
        self.look()
        self._cap = cap

    def _ledger(self) -> tuple[int, int, int, int] | None:
        """Spent, held and unknown picodollars, and requests, of the dataset's account, as plain SQL has them."""
        path = self.folder / ".tapc" / "store.db"
        for _ in range(200):
            if not path.exists():
                return None
            try:
                with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as database:
                    return database.execute(
                        "SELECT cost, held_cost, unknown_cost, requests FROM accounts WHERE kind = 'dataset' AND dataset = ?",
                        (NAME,),
                    ).fetchone()
            except sqlite3.OperationalError:  # being made at this moment
                time.sleep(0.02)
        return None

    def close(self) -> None:
        """End what is still running."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self.running.clear()

    def finish(self) -> None:
        """Run to the end with nothing in the way, and judge everything."""
        for process in list(self.running):
            self.signal(process, signal.SIGCONT)
            self.ended(process)
        self.server.trouble, self.server.pace = calm, 0.0
        lock = self.folder / "torture.tap.lock"
        code, right, _ = self.references.of(self.shape, lock.read_bytes() if lock.is_file() else b"")
        tapc = Called(self.folder)
        for out in self.outs:
            done = tapc("run", "torture.tap", "--yes", "--quiet", "--out", out, code=None)
            self.note(f"finish --out {out}: exit {done.returncode}")
            if done.returncode != code:
                raise Violation(f"the last run exits with {done.returncode}, not {code}: {done.stderr[-1500:]}")
            self._judge_bytes(out, right)
        self._judge_money()
        self._judge_repeats()
        if "Traceback" in self.errors():
            raise Violation(f"a traceback: {self.errors()[-1500:]}")
        verified = tapc("cache", "verify", code=None)
        if verified.returncode:
            raise Violation(f"the store is not sound: {verified.stdout}")
        if left := [path.name for path in (self.folder / ".tapc" / "runs").iterdir()]:
            raise Violation(f"locks of runs are left: {left}")
        self.finished = True

    def _judge_bytes(self, out: str, right: dict[str, bytes]) -> None:
        root = self.folder / out / NAME
        found = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and path.name != "run.json"
        }
        if found != right:
            names = sorted(name for name in {*found, *right} if found.get(name) != right.get(name))
            raise Violation(f"other bytes than of an undisturbed run in {names}")
        scratch = [
            p.name for p in root.parent.iterdir() if p.name.startswith(f".{NAME}.") and not p.name.endswith(".lock")
        ]
        scratch += [path.name for path in self.folder.rglob("*.tmp*")]
        if scratch:
            raise Violation(f"scratch is left: {scratch}")

    def _judge_money(self) -> None:
        """Nothing is held any more; what is known to be spent was billed, and what was billed is spent."""
        self.look()
        found = self._ledger()
        if found is None:
            raise Violation("there is no account")
        spent, held, unknown, requests = found
        asked = self.server.asked[self.first :]
        if held:
            raise Violation(f"{held} held after the end")
        if not spent - unknown <= self.billed <= spent:
            raise Violation(f"spent {spent}, of it unknown {unknown}, billed {self.billed}")
        if requests < sum(bool(one.billed) for one in asked):
            raise Violation(f"{requests} requests booked, {sum(bool(one.billed) for one in asked)} billed")

    def _judge_repeats(self) -> None:
        """No job whose reply was in the store when nobody ran is asked again."""
        for mark, jobs in self._durable:
            again = {asked.job for asked in self.server.asked[mark:]} & jobs
            if again:
                raise Violation(f"{len(again)} stored replies were asked and paid again: {sorted(again)[:3]}")
