"""Why a job of one plan is another one in another plan, in the words of the spec.

Two jobs are compared part by part of their keys: model, settings, form of the reply, draw, messages. Why a message
differs follows from the statements of the spec that changed, and from what the step reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tapc.ir import Dataset, Step
from tapc.jobs import Job, Recipe, settings_of
from tapc.kinds.declared import REGISTRY
from tapc.plan.compile import Planned
from tapc.plan.diff.differences import Difference, find_differences
from tapc.plan.diff.jobs import SlotJobs, StepEndpoint
from tapc.plan.diff.renaming import LaterNames
from tapc.plan.diff.wording import name_of
from tapc.steps import SlotKey

_NO_LONGER = "no longer asked"


class SlotChange:
    """Which steps have another result in a slot, as far as first attempts tell."""

    def __init__(
        self,
        before: SlotJobs,
        after: SlotJobs,
        steps: Mapping[str, Step],
        earlier: Mapping[str, str],
    ) -> None:
        self.before, self.after = before, after
        self._steps, self._earlier = steps, earlier
        self._known: dict[str, bool] = {}

    def asks(self, name: str) -> bool:
        """Whether a step of the later plan asks for anything."""
        return bool(self.after.of_step(name))

    def step(self, name: str) -> bool:
        """Whether a step of the later plan has another result."""
        if name not in self._known:
            self._known[name] = False  # whatever reads itself
            self._known[name] = self._differs(name)
        return self._known[name]

    def _differs(self, name: str) -> bool:
        mine = self.after.of_step(name)
        if mine:
            had = {job.key for job in self.before.of_step(self._earlier.get(name, name))}
            return had != {job.key for job in mine}
        if self.before.results.get(self._earlier.get(name, name)) != self.after.results.get(name):
            return True
        step = self._steps.get(name)
        return step is not None and any(self.step(read) for read in step.reads() if read in self._steps)


class Reasons:
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

    def of(self, job: Job, other: Job | None, changed: SlotChange) -> tuple[str, ...]:
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
            found += self._of_prompt(name, changed)
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

    def _of_prompt(self, name: str, changed: SlotChange) -> list[str]:
        """Why what a step asks reads differently: its own statements, then what they read."""
        found = self._stated(name, self._asked(name))
        step, before, after = self.steps.get(name), changed.before, changed.after
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
    if old.runs_program == new.runs_program:
        then, now = settings_of(old), settings_of(new)
        for name in [*now, *(name for name in then if name not in now)]:
            if then.get(name) != now.get(name):
                yield f"{name} {_shown(then.get(name))} → {_shown(now.get(name))}"


def _shown(value: object) -> str:
    return "unset" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


class SlotAsked(msgspec.Struct, frozen=True):
    """Jobs that a slot of a plan asks for, as far as they are known."""

    planned: Planned
    slot: SlotKey
    jobs: Sequence[Job]

    def by_place(self) -> SlotJobs:
        """The jobs by step and endpoint."""
        found: dict[StepEndpoint, list[Job]] = defaultdict(list)
        for job in self.jobs:
            found[job.recipe.step, job.recipe.endpoint].append(job)
        return SlotJobs(self.planned.open_slot(self.slot).axes, found, {})


def reasons_between(before: SlotAsked, after: SlotAsked, job: Job, other: Job) -> tuple[str, ...]:
    """Why a job of a slot is another one in a later plan.

    Args:
        before: what the slot asks for in the earlier plan.
        after: what it asks for in the later one.
        job: a job of the earlier one.
        other: the job in its place.
    """
    datasets = before.planned.dataset, after.planned.dataset
    same = {step.name: step.name for step in datasets[0].steps}
    reasons = Reasons(*datasets, find_differences(*datasets, REGISTRY), same)
    return reasons.of(job, other, SlotChange(before.by_place(), after.by_place(), reasons.steps, same))
