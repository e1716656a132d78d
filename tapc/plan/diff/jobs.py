"""Jobs that two plans share: both are rendered by the code of the run, and their keys are compared.

Stand-in replies differ whenever the job that asks for them differs, so a step that reads a changed reply gets a changed
prompt. Only first attempts are compared; `require` enters no key and is left out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from tapc.jobs import Job, Reply
from tapc.kinds.compiling import compile_steps
from tapc.plan.compile import Planned
from tapc.plan.estimate import FILLER, answers_read, probe_slot, stand_in, unchecked
from tapc.steps import SlotKey, StepTools

EXACT = 1000
"""Most slots that are compared; of larger plans, so many at even distances of rank."""

_CHARACTERS = 16
_UNWRITTEN = re.compile(FILLER + "+")

StepEndpoint = tuple[str, str]
"""Step and endpoint."""


class JobsCompared(msgspec.Struct, frozen=True):
    """The result of comparing keys.

    Attributes:
        share: share of the later plan's jobs whose key the earlier one has, by step and endpoint of the later plan.
        lost: steps of the earlier plan in which a kept slot lost a key.
        gained: steps of the later plan in which a kept slot gained a key.
        renamed: step names, earlier to later, if both ask the same jobs.
        exact: whether all slots were compared.
    """

    share: dict[StepEndpoint, float]
    lost: frozenset[str]
    gained: frozenset[str]
    renamed: dict[str, str]
    exact: bool


class _Seen:
    """Keys of one side by step and endpoint, of shared slots and of all."""

    def __init__(self) -> None:
        self.shared: dict[StepEndpoint, set[bytes]] = defaultdict(set)
        self.all: dict[StepEndpoint, list[bytes]] = defaultdict(list)

    def keys(self) -> set[bytes]:
        """Keys by step and endpoint."""
        return {key for keys in self.all.values() for key in keys}

    def by_step(self) -> dict[str, set[bytes]]:
        """Keys of shared slots, by step."""
        found: dict[str, set[bytes]] = defaultdict(set)
        for (step, _), keys in self.shared.items():
            found[step] |= keys
        return found


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
    old, new = _Seen(), _Seen()
    _probe(before, list(_picked(before, after, exact=exact)), after, old, tools[0])
    _probe(after, list(_sampled(after)), before, new, tools[1])
    known = old.keys()
    per = {cls.factory.recipe.step for p in after.programs(tools[1]) for cls in p.job_classes if cls.per}
    share = {place: _share(set(keys) if place[0] in per else keys, known) for place, keys in new.all.items()}
    lost = {step for step, keys in old.by_step().items() if keys - new.keys()}
    gained = {step for step, keys in new.by_step().items() if keys - known}
    return JobsCompared(share, frozenset(lost), frozenset(gained), _renamed(before, after, old, new), exact)


def _share(keys: "set[bytes] | list[bytes]", known: set[bytes]) -> float:
    return sum(key in known for key in keys) / len(keys) if keys else 0.0


def _sampled(planned: Planned) -> Iterator[SlotKey]:
    size = len(planned.slots)
    if size <= EXACT:
        yield from planned.slots
        return
    for n in range(EXACT):
        yield planned.slots.at(n * size // EXACT)


def _picked(before: Planned, after: Planned, *, exact: bool) -> Iterator[SlotKey]:
    """Slots of the earlier plan to compare: all, or those in the sample of the later plan."""
    if exact:
        yield from before.slots
        return
    for key in _sampled(after):
        found = before.same_slot(key)
        if found is not None:
            yield found


def _probe(planned: Planned, slots: list[SlotKey], other: Planned, seen: _Seen, tools: StepTools | None) -> None:
    programs = compile_steps(unchecked(planned.dataset), planned.tools(tools), planned.kinds)
    entries = answers_read(planned.dataset, programs)

    def answer(job: Job) -> Reply:
        reply = stand_in(job, _CHARACTERS, entries.get(job.recipe.step, 1))
        mark = job.key[:8].hex()
        return msgspec.structs.replace(reply, texts=tuple(_UNWRITTEN.sub(mark, text) for text in reply.texts))

    for key in slots:
        shared = other.same_slot(key) is not None
        for job in probe_slot(programs, planned.open_slot(key), answer):
            place = (job.recipe.step, job.recipe.endpoint)
            seen.all[place].append(job.key)
            if shared:
                seen.shared[place].add(job.key)


def _renamed(before: Planned, after: Planned, old: _Seen, new: _Seen) -> dict[str, str]:
    """Steps that ask the same jobs under another name; steps without jobs are recognized by their content."""
    gone = [s for s in before.dataset.steps if s.name not in {t.name for t in after.dataset.steps}]
    come = [s for s in after.dataset.steps if s.name not in {t.name for t in before.dataset.steps}]
    earlier, later = old.by_step(), new.by_step()
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
