"""The proof of a difference: how many replies of each step are kept, and why the others are lost.

A lost reply is compared with the job that takes its place, part by part of their keys: model, parameters, schema,
draw, messages. Why a message differs follows from the statements of the spec that changed, and from what the step
reads.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tapc.ir import Dataset, Step
from tapc.jobs import Job, Recipe
from tapc.plan.diff.differences import Difference
from tapc.plan.diff.document import DiffLost, DiffProof
from tapc.plan.diff.jobs import JobsCompared, SlotJobs
from tapc.plan.diff.renaming import LaterNames
from tapc.plan.diff.wording import name_of

_NO_LONGER = "no longer asked"
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
        self._why = _Reasons(before, after, differences, self._later)

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
        changed = _Changed(before, after, self._why.steps, self._earlier)
        gained = [job for job in _all(after) if job.key not in self._jobs.known]
        for job, other in _in_place(lost, gained, self._later):
            why = self._why.of(job, other, before, after, changed)
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


class _Changed:
    """Which steps have another result in a slot, as far as first attempts tell."""

    def __init__(
        self,
        before: SlotJobs,
        after: SlotJobs,
        steps: Mapping[str, Step],
        earlier: Mapping[str, str],
    ) -> None:
        self._before, self._after = before, after
        self._steps, self._earlier = steps, earlier
        self._known: dict[str, bool] = {}

    def asks(self, name: str) -> bool:
        """Whether a step of the later plan asks for anything."""
        return bool(self._after.of_step(name))

    def step(self, name: str) -> bool:
        """Whether a step of the later plan has another result."""
        if name not in self._known:
            self._known[name] = False  # whatever reads itself
            self._known[name] = self._differs(name)
        return self._known[name]

    def _differs(self, name: str) -> bool:
        mine = self._after.of_step(name)
        if mine:
            had = {job.key for job in self._before.of_step(self._earlier.get(name, name))}
            return had != {job.key for job in mine}
        if self._before.results.get(self._earlier.get(name, name)) != self._after.results.get(name):
            return True
        step = self._steps.get(name)
        return step is not None and any(self.step(read) for read in step.reads() if read in self._steps)


class _Reasons:
    """Says what differs between a lost job and the one in its place, in the words of the spec."""

    def __init__(
        self, before: Dataset, after: Dataset, differences: Sequence[Difference], later: Mapping[str, str]
    ) -> None:
        self.steps = {step.name: step for step in after.steps}
        self._gone = {old for old, new in later.items() if new not in self.steps}
        self._later = later
        self._seeds = before.seed, after.seed
        self._names = LaterNames(before.space, after.space)
        self._own: dict[str, list[Difference]] = defaultdict(list)
        for one in differences:
            self._own[one.path].append(one)

    def of(self, job: Job, other: Job | None, before: SlotJobs, after: SlotJobs, changed: _Changed) -> tuple[str, ...]:
        """What differs; `other` is None if nothing is asked in its place."""
        name = self._later[job.recipe.step]
        if other is None:
            return (f"{name} is removed" if job.recipe.step in self._gone else _NO_LONGER,)
        found = [*_of_recipes(job.recipe, other.recipe)]
        then, now = ([m for m in one.messages if m.role == "system"] for one in (job, other))
        if then != now:
            found += self._stated(name, ("system",)) or ["system changed"]
        then, now = ([m for m in one.messages if m.role != "system"] for one in (job, other))
        if then != now:
            found += self._of_prompt(name, before, after, changed)
        elif job.recipe.schema != other.recipe.schema:
            found += self._stated(name, self._asked(name)) or ["form of the reply changed"]
        if job.draw is not None and other.draw is not None and job.draw != other.draw:
            if self._seeds[0] != self._seeds[1] and job.draw.seed != other.draw.seed:
                found.append(f"seed {self._seeds[0]} → {self._seeds[1]}")
            elif not found:
                found.append("drawn as another candidate or sample")
        if not found and job.recipe.draw_group != other.recipe.draw_group:
            found.append("another step or endpoint asks the same")
        return tuple(dict.fromkeys(found))

    def _axes(self, before: SlotJobs) -> dict[str, str]:
        """The values of an earlier slot under their later names."""
        return dict(self._names.point(axis, value) for axis, value in before.axes.items())

    def _asked(self, name: str) -> tuple[str, ...]:
        step = self.steps.get(name)
        return () if step is None else tuple(sorted(step.asked - {"system", "using"}))

    def _of_prompt(self, name: str, before: SlotJobs, after: SlotJobs, changed: _Changed) -> list[str]:
        """Why what a step asks reads differently: its own statements, then what they read."""
        found = self._stated(name, self._asked(name))
        step = self.steps.get(name)
        reads = step.reads() if step is not None else ()
        for read in reads:
            if read in self.steps:
                if changed.step(read):
                    found.append(f"{read} is asked again" if changed.asks(read) else f"{read} has another result")
            elif self._axes(before).get(read) != after.axes.get(read):
                found.append(f"another {read}")
            elif after.axes.get(read) not in before.axes.values():
                found.append(f"{read}.{after.axes.get(read)} has another name")
            else:
                found += self._texts(read, after.axes.get(read, ""))
        return found or ["a text that it reads changed" + (f" ({', '.join(reads)})" if reads else "")]

    def _stated(self, name: str, words: Iterable[str]) -> list[str]:
        """Statements of a step, or of its rubrics, that changed."""
        step, wanted = self.steps.get(name), set(words)
        own = [one for one in self._own.get(f"step.{name}", ()) if _word(one) in wanted]
        found = [f"{one.field.partition('.')[0]} changed" for one in own if one.field]
        for rubric in step.rubrics() if step is not None and "rubric" in wanted else ():
            paths = [path for path in self._own if path == f"rubric.{rubric.name}"]
            found += [f"rubric {rubric.name} changed"] if paths else []
        return found

    def _texts(self, axis: str, value: str) -> list[str]:
        """Texts about a value or node, or about those above it, that changed."""
        found: list[str] = []
        for root in ("taxonomy", "mix"):
            for one in self._own.get(f"{root}.{axis}", ()):
                parts = one.field.split(".")
                above = ".".join(parts[:-1])
                if one.field and not one.reordered and f"{value}.".startswith(f"{above}." if above else ""):
                    found.append(f"{name_of(one.owner, one.field)} changed")
        return found


def _word(one: Difference) -> str:
    return one.field.partition(".")[0].partition(" ")[0]


def _of_recipes(old: Recipe, new: Recipe) -> Iterator[str]:
    """Differences of model and parameters."""
    if (old.realm, old.identity, old.kind) != (new.realm, new.identity, new.kind):
        if old.runs_program != new.runs_program:
            yield "a program instead of a model" if new.runs_program else "a model instead of a program"
        elif old.identity != new.identity:
            yield f"model {old.identity} → {new.identity}"
        else:
            yield f"endpoint {old.endpoint} → {new.endpoint}"
    if old.thinking != new.thinking:
        yield f"thinking {old.thinking or 'unset'} → {new.thinking or 'unset'}"
    if old.parameters != new.parameters and old.runs_program == new.runs_program:
        if new.runs_program:
            yield "command changed"
            return
        then, now = parameters_of(old), parameters_of(new)
        for name in [*now, *(name for name in then if name not in now)]:
            if then.get(name) != now.get(name):
                yield f"{name} {_shown(then.get(name))} → {_shown(now.get(name))}"
    if old.seeded != new.seeded:
        yield "a seed is sent now" if new.seeded else "no seed is sent now"


def parameters_of(recipe: Recipe) -> dict[str, Any]:
    """Parameters that are sent, without the form of the reply, which the schema of the recipe is."""
    found: dict[str, Any] = msgspec.json.decode(recipe.parameters)
    return {name: value for name, value in found.items() if name != "response_format"}


def _shown(value: object) -> str:
    return "unset" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _grouped(reasons: Mapping[tuple[str, ...], int]) -> list[DiffLost]:
    """Groups of lost replies, the largest first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    found = [DiffLost(count=count, why=list(why)) for why, count in ordered[:_GROUPS]]
    rest = sum(count for _, count in ordered[_GROUPS:])
    return [*found, *([DiffLost(count=rest, why=["other reasons"])] if rest else [])]
