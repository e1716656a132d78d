"""Jobs that two plans share: both are rendered by the code of the run, and their keys are compared.

Stand-in replies differ whenever the job that asks for them differs, so a step that reads a changed reply gets a changed
prompt. Only first attempts are compared; `require` enters no key and is left out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import msgspec
import numpy as np

from tapc.jobs import Job, Reply
from tapc.kinds.compiling import compile_steps
from tapc.plan.compile import Planned
from tapc.plan.estimate import FILLER, answers_read, probe_slot, stand_in, unchecked
from tapc.steps import SlotKey, StepResult, StepTools

EXACT = 1000
"""Most slots that are compared; of larger plans, a sample of so many, spread over the cells in proportion."""

_CHARACTERS = 16
_UNWRITTEN = re.compile(FILLER + "+")

StepEndpoint = tuple[str, str]
"""Step and endpoint."""


class SlotJobs(msgspec.Struct, frozen=True):
    """What a slot asks for at the first attempt.

    Attributes:
        axes: its value on each axis.
        jobs: its jobs by step and endpoint, in order.
        results: results of steps that ask for nothing.
    """

    axes: Mapping[str, str]
    jobs: Mapping[StepEndpoint, list[Job]]
    results: Mapping[str, StepResult]

    def of_step(self, step: str) -> list[Job]:
        """Jobs of a step at all its endpoints."""
        return [job for place, jobs in self.jobs.items() if place[0] == step for job in jobs]


class Pair(msgspec.Struct, frozen=True):
    """A slot of the later plan, and the same slot of the earlier one.

    Attributes:
        before, after: what they ask for; None where a plan does not have it.
        witness: whether it is in a sample only for a rare node or value, so that it stands for no other.
    """

    before: SlotJobs | None
    after: SlotJobs | None
    witness: bool = False


class JobsCompared(msgspec.Struct, frozen=True):
    """The result of comparing keys.

    Attributes:
        share: share of the later plan's jobs whose key the earlier one has, by step and endpoint of the later plan.
        new: number of jobs that were seen to be new, by step and endpoint of the later plan.
        again: steps of the earlier plan for which a kept slot asks something else now.
        lost: steps of the earlier plan in which a kept slot has a key less.
        gained: steps of the later plan in which a kept slot has a key more.
        renamed: step names, earlier to later, if both ask the same jobs.
        exact: whether all slots were compared.
        pairs: the slots that were compared.
        known, wanted: keys of the earlier and the later plan in them.
    """

    share: dict[StepEndpoint, float]
    new: dict[StepEndpoint, int]
    again: frozenset[str]
    lost: frozenset[str]
    gained: frozenset[str]
    renamed: dict[str, str]
    exact: bool
    pairs: list[Pair]
    known: frozenset[bytes]
    wanted: frozenset[bytes]


def compare_jobs(
    before: Planned, after: Planned, tools: "tuple[StepTools | None, StepTools | None]" = (None, None)
) -> JobsCompared:
    """Compare the jobs of two plans.

    Args:
        before: the earlier plan.
        after: the later plan.
        tools: resources of the steps of each.
    """
    exact = max(len(before.slots), len(after.slots)) <= EXACT
    pairs = list(_pairs(before, after, tools, exact=exact))
    known = {job.key for pair in pairs for job in _jobs(pair.before)}
    wanted = {job.key for pair in pairs for job in _jobs(pair.after)}
    renamed = _renamed(before, after, pairs)
    again, lost, gained = _steps_that_differ(pairs, renamed, known, wanted)
    share = _shares(after, tools[1], pairs, known)
    new = Counter(
        (j.recipe.step, j.recipe.endpoint) for j in _distinct(pair.after for pair in pairs) if j.key not in known
    )
    return JobsCompared(share, new, again, lost, gained, renamed, exact, pairs, frozenset(known), frozenset(wanted))


def _jobs(slot: SlotJobs | None) -> Iterator[Job]:
    if slot is not None:
        for jobs in slot.jobs.values():
            yield from jobs


def _distinct(slots: Iterable[SlotJobs | None]) -> Iterable[Job]:
    return {job.key: job for slot in slots for job in _jobs(slot)}.values()


def _pairs(
    before: Planned, after: Planned, tools: "tuple[StepTools | None, StepTools | None]", *, exact: bool
) -> Iterator[Pair]:
    """All slots of both plans, or a sample of the later plan's."""
    old, new = _prober(before, tools[0]), _prober(after, tools[1])
    met: set[tuple[bytes, int]] = set()
    for rank, key in enumerate(after.slots if exact else _sampled(after)):
        same = before.same_slot(key)
        if same is not None:
            met.add((same.cell, same.ordinal))
        yield Pair(None if same is None else old(same), new(key), not exact and rank >= EXACT)
    for key in before.slots if exact else ():
        if (key.cell, key.ordinal) not in met:
            yield Pair(old(key), None)


def _sampled(planned: Planned) -> Iterator[SlotKey]:
    """A sample stratified by cell: slots at even distances in the order of cells, and of ranks in each.

    Then come witnesses, at most as many: a slot of each leaf and value that no slot of the sample has.
    """
    given, cells = planned.allocation, planned.slots.places().cell
    order = np.argsort(cells, kind="stable")
    picked = order[np.arange(EXACT) * len(order) // EXACT]
    used, first = np.unique(cells, return_index=True)
    witnesses: dict[int, None] = {}
    for labels in (given.leaf, *given.values.T):
        names, place = np.unique(labels[used], return_index=True)
        rare = ~np.isin(names, labels[cells[picked]])
        witnesses.update(dict.fromkeys(first[place[rare]].tolist()))
    for rank in (*picked.tolist(), *list(witnesses)[:EXACT]):
        yield planned.slots.at(rank)


def _prober(planned: Planned, tools: StepTools | None) -> Callable[[SlotKey], SlotJobs]:
    """Asks the jobs of slots, with replies that are different where the jobs are."""
    programs = compile_steps(unchecked(planned.dataset), planned.tools(tools), planned.kinds)
    entries = answers_read(planned.dataset, programs)

    def answer(job: Job) -> Reply:
        reply = stand_in(job, _CHARACTERS, entries.get(job.recipe.step, 1))
        mark = job.key[:8].hex()
        return msgspec.structs.replace(reply, texts=tuple(_UNWRITTEN.sub(mark, text) for text in reply.texts))

    def probe(key: SlotKey) -> SlotJobs:
        state = planned.open_slot(key)
        jobs: dict[StepEndpoint, list[Job]] = defaultdict(list)
        for job in probe_slot(programs, state, answer):
            jobs[job.recipe.step, job.recipe.endpoint].append(job)
        asking = {step for step, _ in jobs}
        return SlotJobs(state.axes, jobs, {name: r for name, r in state.results.items() if name not in asking})

    return probe


def _shares(
    after: Planned, tools: StepTools | None, pairs: list[Pair], known: Collection[bytes]
) -> dict[StepEndpoint, float]:
    """The share of known keys by step and endpoint; of steps that slots share, each key counts once."""
    keys: dict[StepEndpoint, list[bytes]] = defaultdict(list)
    for pair in pairs:
        for place, jobs in pair.after.jobs.items() if pair.after and not pair.witness else ():
            keys[place] += [job.key for job in jobs]
    per = {cls.factory.recipe.step for p in after.programs(tools) for cls in p.job_classes if cls.per}
    found: dict[StepEndpoint, float] = {}
    for place, all_keys in keys.items():
        counted = set(all_keys) if place[0] in per else all_keys
        found[place] = sum(key in known for key in counted) / len(counted)
    return found


def _steps_that_differ(
    pairs: list[Pair], renamed: Mapping[str, str], known: Collection[bytes], wanted: Collection[bytes]
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Steps for which a kept slot asks something else, something less, something more."""
    again, lost, gained = set[str](), set[str](), set[str]()
    earlier = {new: old for old, new in renamed.items()}
    for pair in pairs:
        if pair.before is None or pair.after is None:
            continue
        less = {job.recipe.step for job in _jobs(pair.before) if job.key not in wanted}
        more = {job.recipe.step for job in _jobs(pair.after) if job.key not in known}
        again |= less & {earlier.get(step, step) for step in more}
        lost |= less
        gained |= more
    return frozenset(again), frozenset(lost), frozenset(gained)


def _renamed(before: Planned, after: Planned, pairs: list[Pair]) -> dict[str, str]:
    """Steps that ask the same jobs under another name; steps without jobs are recognized by their content."""
    gone = [s for s in before.dataset.steps if s.name not in {t.name for t in after.dataset.steps}]
    come = [s for s in after.dataset.steps if s.name not in {t.name for t in before.dataset.steps}]
    if not gone or not come:
        return {}
    earlier, later = (
        _keys_by_step(pair.before for pair in pairs if pair.after),
        _keys_by_step(pair.after for pair in pairs if pair.before),
    )
    kinds = Counter(step.kind for step in come)
    found: dict[str, str] = {}
    for step in gone:
        for other in come:
            if other.kind != step.kind or other.name in found.values():
                continue
            asks = earlier.get(step.name, set())
            if asks == later.get(other.name, set()) and (asks or kinds[other.kind] == 1):
                found[step.name] = other.name
                break
    return found


def _keys_by_step(slots: Iterable[SlotJobs | None]) -> dict[str, set[bytes]]:
    found: dict[str, set[bytes]] = defaultdict(set)
    for slot in slots:
        for job in _jobs(slot):
            found[job.recipe.step].add(job.key)
    return found
