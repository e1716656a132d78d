"""The proof of a difference: how many replies of each step are kept, and why the others are lost.

Each key counts once. A lost reply is compared with the job that takes its place (see `reasons.py`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tapc.ir import Dataset
from tapc.jobs import Job
from tapc.plan.diff.differences import Difference
from tapc.plan.diff.document import DiffLost, DiffProof
from tapc.plan.diff.jobs import JobsCompared, SlotJobs
from tapc.plan.diff.reasons import Reasons, SlotChange

_GROUPS = 12
"""Most groups of reasons per step that a document has; the others are one."""


def prove(before: Dataset, after: Dataset, differences: Sequence[Difference], jobs: JobsCompared) -> list[DiffProof]:
    """The proof, by step of the earlier plan that asks for anything, under its later name.

    Args:
        before: the earlier dataset.
        after: the later one.
        differences: statements that differ.
        jobs: comparison of keys.
    """
    found = _Proof(before, after, differences, jobs)
    return list(found.steps())


class _Account:
    """Keys of one step, each counted once."""

    def __init__(self) -> None:
        self.asked: set[bytes] = set()
        self.lost: Counter[tuple[str, ...]] = Counter()
        self.dropped = 0
        self.new: set[bytes] = set()

    def row(self, name: str) -> DiffProof:
        """The account as a part of the document."""
        kept = len(self.asked) - self.dropped - self.lost.total()
        return DiffProof(
            name=name,
            before=len(self.asked),
            kept=kept,
            dropped=self.dropped,
            lost=_grouped(self.lost),
            new=len(self.new),
        )


class _Proof:
    def __init__(self, before: Dataset, after: Dataset, differences: Sequence[Difference], jobs: JobsCompared) -> None:
        self._jobs = jobs
        self._later = {step.name: jobs.renamed.get(step.name, step.name) for step in before.steps}
        self._earlier = {new: old for old, new in self._later.items()}
        names = [*(self._later[step.name] for step in before.steps), *(step.name for step in after.steps)]
        self._accounts = {name: _Account() for name in names}
        self._why = Reasons(before, after, differences, self._later)

    def steps(self) -> Iterator[DiffProof]:
        """One row per step that asks for anything in either plan."""
        for pair in self._jobs.pairs:
            for job in _all(pair.after):
                if job.key not in self._jobs.known:
                    self._accounts[job.recipe.step].new.add(job.key)
            if pair.before is not None and pair.after is not None:
                self._of_slot(pair.before, pair.after)
        for pair in self._jobs.pairs:  # after all others: what a kept sample asks, too, is not dropped with another
            for job in _all(pair.before) if pair.after is None else ():
                account = self._accounts[self._later[job.recipe.step]]
                if job.key not in account.asked:
                    account.asked.add(job.key)
                    account.dropped += job.key not in self._jobs.wanted
        for name, account in self._accounts.items():
            if account.asked or account.new:
                yield account.row(name)

    def _of_slot(self, before: SlotJobs, after: SlotJobs) -> None:
        """Note the jobs of a slot that both plans have."""
        lost: list[Job] = []
        for job in _all(before):
            account = self._accounts[self._later[job.recipe.step]]
            if job.key not in account.asked:
                account.asked.add(job.key)
                lost += [] if job.key in self._jobs.wanted else [job]
        if not lost:
            return
        changed = SlotChange(before, after, self._why.steps, self._earlier)
        gained = [job for job in _all(after) if job.key not in self._jobs.known]
        for job, other in _in_place(lost, gained, self._later):
            why = self._why.of(job, other, changed)
            self._accounts[self._later[job.recipe.step]].lost[why] += 1


def _all(slot: SlotJobs | None) -> Iterator[Job]:
    if slot is not None:
        for jobs in slot.jobs.values():
            yield from jobs


def _in_place(lost: Sequence[Job], gained: Sequence[Job], later: Mapping[str, str]) -> Iterator[tuple[Job, Job | None]]:
    """Each lost job with the new one in its place: of the same step and endpoint, or else of the same step."""
    left = list(gained)
    alone: list[Job] = []
    for job in lost:
        place = later[job.recipe.step], job.recipe.endpoint
        other = next((one for one in left if (one.recipe.step, one.recipe.endpoint) == place), None)
        if other is None:
            alone.append(job)
        else:
            left = [one for one in left if one is not other]
            yield job, other
    for job in alone:
        other = next((one for one in left if one.recipe.step == later[job.recipe.step]), None)
        left = [one for one in left if one is not other]
        yield job, other


def _grouped(reasons: Mapping[tuple[str, ...], int]) -> list[DiffLost]:
    """Groups of lost replies, the largest first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    found = [DiffLost(count=count, why=list(why)) for why, count in ordered[:_GROUPS]]
    rest = sum(count for _, count in ordered[_GROUPS:])
    return [*found, *([DiffLost(count=rest, why=["other reasons"])] if rest else [])]
