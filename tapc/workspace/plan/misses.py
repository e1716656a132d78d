"""`tapc plan --why`: which part of a job's key keeps it from being served from the store.

A key is a hash; what it was made of cannot be read back. So the store keeps digests of its parts with each reply
(`tapc.jobs.parts`), and a job that is not stored is compared with the stored reply of the same draw that differs least.
Digests name the part that differs: the model, the setting, the form of the reply, the seed, the very message. A prompt
that reads another step is tried with the earlier replies of that step. Digests do not show how a part differed; a
revision of the spec in git does, if it made that reply's job.
"""

import string
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.jobs import Job, PartsMaker, Reply, read_parts
from tapc.plan import Planned, SlotAsked, reasons_between
from tapc.steps import Missing, SlotKey, run_slot
from tapc.store import Origin, Store, open_store
from tapc.workspace.plan.key_differences import differing_messages, differing_parts, distance, excerpts
from tapc.workspace.refused import Refused

_SEARCHED = 20_000
"""Slots whose jobs are compared with a key."""

_VERSIONS = 4
"""Most earlier replies of a step that are tried in place of the one it has."""

_ASK = "give a rank, or the first digits of a key as `tapc plan --samples K` shows them"


class Explained(msgspec.Struct, frozen=True):
    """One job of a slot.

    Attributes:
        rank: rank of the slot.
        step, endpoint, key: identity of the job; the key in hexadecimal digits.
        state: `stored` or `to be asked`.
        reasons: sentences about why it is to be asked.
    """

    rank: int
    step: str
    endpoint: str
    key: str
    state: str
    reasons: tuple[str, ...]


class Earlier(msgspec.Struct, frozen=True):
    """The plan of an earlier revision.

    Attributes:
        name: name of the revision.
        planned: plan of the spec as it was.
        named: whether the user named it, so that jobs are compared with it even if it made no stored reply.
    """

    name: str
    planned: Planned
    named: bool


class _Made(msgspec.Struct, frozen=True):
    """What a revision asks for in the place of a job that is not stored.

    Attributes:
        revision: its name.
        slot: what it asks for the sample; None where it has no such sample.
        asked: the job in the same place; None if it asks nothing there.
    """

    revision: str
    slot: SlotAsked | None
    asked: "_Asked | None"


class _Asked(msgspec.Struct, frozen=True):
    """A job that a slot asks for, and whether the store has it."""

    job: Job
    stored: bool


def explain_jobs(planned: Planned, wanted: str, store: Path, earlier: Iterable[Earlier] = ()) -> list[Explained]:
    """Say of a job, or of all jobs of a slot, whether the store has them and, if not, what differs.

    Args:
        planned: the plan.
        wanted: a rank, or the first digits of a key.
        store: folder of the store; if there is none, nothing is stored.
        earlier: plans of earlier revisions, the likeliest first; read as far as is needed.

    Raises:
        Refused: there is no such job within the slots that are searched.
        StoreError: the store cannot be read.
    """
    opened = open_store(store, offline=True)
    try:
        slot, jobs, chosen = _find(planned, wanted, opened)
        served = {one.job.key for one in jobs if one.stored}
        missed = [(one.job, _nearest(one.job, served, opened)) for one in chosen if not one.stored]
        history = _history(slot, missed, earlier if missed else (), opened)
        now = SlotAsked(planned, slot, [one.job for one in jobs])
        reasons = {job.key: tuple(_reasons(job, now, near, history.get(job.key), opened)) for job, near in missed}
        return [_explained(slot.rank, one, reasons.get(one.job.key, ())) for one in chosen]
    finally:
        opened.close()


def _explained(rank: int, asked: _Asked, reasons: tuple[str, ...]) -> Explained:
    recipe, state = asked.job.recipe, "stored" if asked.stored else "to be asked"
    return Explained(rank, recipe.step, recipe.endpoint, asked.job.key.hex(), state, reasons)


def _find(planned: Planned, wanted: str, store: Store) -> tuple[SlotKey, list[_Asked], list[_Asked]]:
    """A slot, its jobs, and those of them that were asked about."""
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        if int(wanted) >= len(planned.slots):
            raise _no_such(f"there is no sample {wanted}; ranks go from 0 to {len(planned.slots) - 1}")
        slot = planned.slots.at(int(wanted))
        jobs = _jobs(planned, slot, store)
        return slot, jobs, jobs
    prefix = wanted.lower()
    if len(prefix) < 6 or not set(prefix) <= set(string.hexdigits):
        raise _no_such(f"`{wanted}` is neither a rank nor the beginning of a key (6 hexadecimal digits or more)")
    for slot in planned.slots.between(0, _SEARCHED):
        jobs = _jobs(planned, slot, store)
        found = [one for one in jobs if one.job.key.hex().startswith(prefix)]
        if found:
            return slot, jobs, found
    searched = min(_SEARCHED, len(planned.slots))
    raise _no_such(f"no job of the first {searched:,} samples has a key that begins with {prefix}")


def _no_such(message: str) -> Refused:
    return Refused([Diagnostic("TAP882", "error", message, (), (_ASK,))], "usage")


def _jobs(planned: Planned, slot: SlotKey, store: Store) -> list[_Asked]:
    """Jobs of a slot in order of steps, up to the first that needs a reply the store lacks."""
    asked: list[_Asked] = []

    def answer(job: Job) -> Reply:
        reply = store.get([job.key]).get(job.key)
        asked.append(_Asked(job, reply is not None))
        if reply is None:
            raise Missing
        return reply

    run_slot(planned.programs(), planned.open_slot(slot), answer)
    return asked


def _nearest(job: Job, served: set[bytes], store: Store) -> Origin | None:
    """The stored reply of the same draw that differs in the fewest parts, the latest of several.

    Replies that the sample uses as it is now are those of other jobs, and are left out.
    """
    now = read_parts(PartsMaker()(job))
    found: Origin | None = None
    least = 0
    if now is None or job.draw is None:
        return None
    for origin in store.of_draw(job.draw):
        count = distance(now, origin.parts)
        if origin.key not in served and (found is None or count <= least):
            found, least = origin, count
    return found


def _reasons(job: Job, now: SlotAsked, nearest: Origin | None, made: _Made | None, store: Store) -> Iterator[str]:
    """What is known about why a job is not stored.

    Args:
        job: the job.
        now: all that the sample asks for.
        nearest: the reply to compare it with.
        made: a revision, and what it asks for in the place of the job.
        store: the store.
    """
    if made is not None:
        if made.slot is None or made.asked is None:
            yield f"{made.revision} asks nothing for step `{job.recipe.step}` of this sample"
        else:
            yield from _compared(job, now, made.slot, made.asked, made.revision)
            if made.asked.stored:
                return
    if nearest is None:
        yield "the store has no other reply of the same draw (sample, candidate, attempt) whose parts are known"
        return
    whose = " of the same draw" if job.draw and job.draw.cell else ", which may be about another text,"
    yield f"the nearest stored reply{whose} is {nearest.key.hex()[:16]}"
    step = now.planned.dataset.step(job.recipe.step)
    read = _replaced_texts(step.reads(), now, nearest, store)
    if read:
        yield f"text of {read} changed: with its earlier reply this is that job"
    else:
        yield from differing_parts(job, nearest.parts, f"{nearest.model} ({nearest.realm})", step)


def _replaced_texts(reads: Collection[str], now: SlotAsked, nearest: Origin, store: Store) -> str:
    """The step whose earlier reply makes the job that of the nearest reply; empty if none does.

    Nothing is guessed: the sample is run again with the earlier reply, and the key is compared.
    """
    others = {one.draw: one.key for one in now.jobs if one.draw is not None and one.recipe.step in reads}
    earlier = {
        key: [origin.key for origin in store.of_draw(draw) if origin.key != key][-_VERSIONS:]
        for draw, key in others.items()
    }
    for name in dict.fromkeys(one.recipe.step for one in now.jobs if earlier.get(one.key)):
        for version in range(_VERSIONS):
            keys = {key: found[-1 - version] for key, found in earlier.items() if len(found) > version}
            mine = {one.key: keys[one.key] for one in now.jobs if one.recipe.step == name and one.key in keys}
            if mine and nearest.key in _keys_with(now, mine, store):
                return name
    return ""


def _keys_with(now: SlotAsked, replaced: Mapping[bytes, bytes], store: Store) -> set[bytes]:
    """Keys of the jobs of a sample where some jobs have the replies of others."""
    keys: set[bytes] = set()

    def answer(job: Job) -> Reply:
        keys.add(job.key)
        key = replaced.get(job.key, job.key)
        reply = store.get([key]).get(key)
        if reply is None:
            raise Missing
        return reply

    run_slot(now.planned.programs(), now.planned.open_slot(now.slot), answer)
    return keys


def _history(
    slot: SlotKey, missed: Sequence[tuple[Job, Origin | None]], earlier: Iterable[Earlier], store: Store
) -> dict[bytes, _Made]:
    """Revisions that show the values behind the digests, each with the job it made; by key of the job that is missed.

    A revision that the user did not name is of use only where it made the nearest stored reply.
    """
    found: dict[bytes, _Made] = {}
    for revision in earlier:
        if not revision.named and all(nearest is None or job.key in found for job, nearest in missed):
            break
        older = revision.planned.same_slot(slot)
        jobs = [] if older is None else _jobs(revision.planned, older, store)
        asked = None if older is None else SlotAsked(revision.planned, older, [one.job for one in jobs])
        for job, nearest in missed:
            same = [one for one in jobs if one.job.recipe.step == job.recipe.step]
            same.sort(key=lambda one: one.job.recipe.endpoint != job.recipe.endpoint)
            made = next((one for one in same if nearest is not None and one.job.key == nearest.key), None)
            if made is not None or revision.named:
                found[job.key] = _Made(revision.name, asked, made or next(iter(same), None))
    return found


def _compared(job: Job, now: SlotAsked, then: SlotAsked, made: _Asked, revision: str) -> Iterator[str]:
    """A job next to the one that a revision made."""
    other = made.job
    if other.key == job.key:
        yield f"{revision} has the same job, which is not stored either"
        return
    stored = "which is stored" if made.stored else "which is not stored either"
    yield f"in {revision} this sample's job is {other.key.hex()[:16]}, {stored}"
    yield from reasons_between(then, now, other, job)
    for n, name in differing_messages(job.messages, job.messages, other.messages):
        yield f"{name} differs {excerpts(job.messages[n], other.messages[n])}"
