"""A folder with a spec, its lock and its store, in which a spec is planned, compared and run after each edit.

All of it is what the commands call: the lock on disk, the store, the fold, the simulated endpoint.
"""

from dataclasses import dataclass
from pathlib import Path

from edited_spec import Spec

from tapc.engine import Silent
from tapc.plan import Planned, Side
from tapc.workspace.diff import diff_document, side_of
from tapc.workspace.run.execution import run_plan
from tapc.workspace.run.report import RunOptions
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import Counted, count_spec
from tapc.workspace.spec.lock import lock_after


@dataclass(frozen=True)
class Run:
    """What a run made: the digest of its plan, the mark of its counts, its rows, the lock that it left."""

    digest: str
    mark: str
    rows: dict[str, bytes]
    lock: str


State = tuple[str, list[tuple[Spec, Run]], Side | None]


class Workbench:
    """See the module; `undoable` are the specs that an undone edit returns to, oldest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "d.tap"
        self.lock = folder / "d.tap.lock"
        self.undoable: list[tuple[Spec, Run]] = []
        self.told: list[str] = []
        self._side: Side | None = None

    def go(self, spec: Spec) -> int:
        """Plan, compare and run a spec, and check what must hold of it; returns what the run sent."""
        for name, text in spec.files().items():
            (self.folder / name).write_text(text, encoding="utf-8")
        counted = self.count()
        planned = planned_of(counted)
        after = side_of(planned, "after")
        told = self._told(after)
        assert counted.lock is not None
        lock = lock_after(counted.checked, planned, counted.lock)
        options = RunOptions(self.folder / "out", self.folder / "store", keep_lock=True)
        report = run_plan(planned, options, sources=(), environ={}, observer=Silent(), lock=lock)
        sent = report.run.requests.sent
        self.told.append(f"{spec}: {told} to pay, {sent} sent")
        assert report.status == "ok"
        assert sent == (spec.steps * spec.samples if told is None else told), "a run sends what `diff` said"
        assert report.run.lock is not None and report.run.lock.saved
        again = self.count()
        assert planned_of(again).digest == planned.digest, "the lock of a plan is the plan"
        assert again.lock is not None
        assert lock_after(again.checked, planned_of(again), again.lock).text == lock.text
        self._remember(spec, Run(planned.digest, mark_of(lock.text), self.rows(), lock.text), sent)
        self._side = after
        return sent

    def state(self) -> "State":
        """What a branch has: its lock, and what an undone edit returns to there."""
        return self.lock.read_text(encoding="utf-8"), list(self.undoable), self._side

    def restore(self, state: "State") -> None:
        """Go to another branch; the store is the same."""
        text, undoable, self._side = state
        self.lock.write_text(text, encoding="utf-8")
        self.undoable = list(undoable)

    def _told(self, after: Side) -> int | None:
        """The requests that `diff` says a run will send; None before the first run, which has nothing to compare."""
        return None if self._side is None else diff_document(self._side, after, self.folder / "store").total.to_pay

    def count(self) -> Counted:
        """The spec with the lock that is there."""
        return count_spec(check_spec(self.path, settings={}, dataset=None))

    def rows(self) -> dict[str, bytes]:
        """The data files of the dataset."""
        data = self.folder / "out" / "d" / "data"
        return {path.relative_to(data).as_posix(): path.read_bytes() for path in sorted(data.rglob("*.jsonl"))}

    def _remember(self, spec: Spec, run: Run, sent: int) -> None:
        before = next((then for known, then in self.undoable if known == spec), None)
        if before is not None:
            assert sent == 0, "what was undone is not paid for again"
            assert run.digest == before.digest
            assert run.rows == before.rows
            assert run.lock == before.lock
        # A plan of the counts of an earlier one returns to that one, and gives up those that were planned after it.
        same = [n for n, (_, then) in enumerate(self.undoable) if then.mark == run.mark]
        if same:
            del self.undoable[same[-1] + 1 :]
        if before is None:
            self.undoable.append((spec, run))


def mark_of(lock: str) -> str:
    """What the latest plan of a lock counted: the hash in its line."""
    return [line.split(" ")[2] for line in lock.splitlines() if line.startswith("plan ")][-1]


def planned_of(counted: Counted) -> Planned:
    """The plan of a spec that has one."""
    assert counted.planned is not None, counted.diagnostics
    return counted.planned
