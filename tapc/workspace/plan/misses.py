"""`tapc plan --why`: which part of a job's key keeps it from being served from the store.

The store keeps replies by key alone, and a key is a hash: what it was made of cannot be read back. So the nearest
stored job is looked for by making the keys of jobs that differ in one part from the one asked about, and seeing which
the store has: the other realm, each model the store knows, other draw groups and seeds, earlier slots. An earlier
revision of the spec (the one that is named, else the latest in git) adds the job that it made for the same slot, whose
parts are compared one by one.
"""

import string
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tapc.jobs import Draw, Job, JobFactory, Recipe, Reply
from tapc.plan import Planned
from tapc.steps import Missing, SlotKey, run_slot
from tapc.store import Store, open_store, stats

_SEARCHED = 20_000
"""Slots whose jobs are compared with a key."""

_DRAW_GROUPS = 4
_SEEDS = 8
"""Other draw groups and seeds that are tried."""


class NoSuchJob(Exception):  # noqa: N818 - an answer, not a fault of the program
    """The plan has no such slot or job; the message says so."""


class Explained(msgspec.Struct, frozen=True):
    """One job of a slot.

    Attributes:
        rank: of the slot.
        step, endpoint, key: which job; the key in hexadecimal digits.
        state: `stored` or `to be asked`.
        reasons: what is known about why it is to be asked, for people.
    """

    rank: int
    step: str
    endpoint: str
    key: str
    state: str
    reasons: tuple[str, ...]


class _Asked(msgspec.Struct, frozen=True):
    """A job that a slot asks for, and whether the store has it."""

    job: Job
    stored: bool


class Earlier(msgspec.Struct, frozen=True):
    """The plan of an earlier revision, and its name."""

    name: str
    planned: Planned


def explain_jobs(planned: Planned, wanted: str, store: Path, earlier: Iterable[Earlier] = ()) -> list[Explained]:
    """Say of a job, or of all jobs of a slot, whether the store has them and, if not, what differs.

    Args:
        planned: the plan.
        wanted: a rank, or the first digits of a key.
        store: its folder; without one nothing is stored.
        earlier: plans of earlier revisions, the likeliest first; read as far as is needed to find a stored job.

    Raises:
        NoSuchJob: nothing of the kind within the slots that are searched.
        StoreError: the store cannot be read.
    """
    opened = open_store(store, offline=True)
    try:
        slot, asked = _find(planned, wanted, opened)
        past = _Past(slot, earlier, opened)
        return [_explained(planned, slot, one, past, opened) for one in asked]
    finally:
        opened.close()


def _find(planned: Planned, wanted: str, store: Store) -> tuple[SlotKey, list[_Asked]]:
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        if int(wanted) >= len(planned.slots):
            raise NoSuchJob(f"there is no sample {wanted}; ranks go from 0 to {len(planned.slots) - 1}")
        slot = planned.slots.at(int(wanted))
        return slot, _jobs(planned, slot, store)
    prefix = wanted.lower()
    if len(prefix) < 6 or not set(prefix) <= set(string.hexdigits):
        raise NoSuchJob(f"`{wanted}` is neither a rank nor the beginning of a key (6 hexadecimal digits or more)")
    for slot in planned.slots.between(0, _SEARCHED):
        found = [one for one in _jobs(planned, slot, store) if one.job.key.hex().startswith(prefix)]
        if found:
            return slot, found
    searched = min(_SEARCHED, len(planned.slots))
    raise NoSuchJob(f"no job of the first {searched:,} samples has a key that begins with {prefix}")


def _jobs(planned: Planned, slot: SlotKey, store: Store) -> list[_Asked]:
    """Jobs of a slot as far as stored replies carry it, in order of steps."""
    asked: list[_Asked] = []

    def answer(job: Job) -> Reply:
        reply = store.get([job.key]).get(job.key)
        asked.append(_Asked(job, reply is not None))
        if reply is None:
            raise Missing
        return reply

    run_slot(planned.programs(), planned.open_slot(slot), answer)
    return asked


class _Past:
    """Jobs that earlier revisions made for a slot, read one revision after the other."""

    def __init__(self, slot: SlotKey, earlier: Iterable[Earlier], store: Store) -> None:
        self._slot = slot
        self._earlier = iter(earlier)
        self._store = store
        self._read: list[tuple[str, list[_Asked]]] = []

    def __iter__(self) -> Iterator[tuple[str, list[_Asked]]]:
        yield from self._read
        for one in self._earlier:
            self._read.append((one.name, _older(self._slot, one.planned, self._store)))
            yield self._read[-1]


def _older(slot: SlotKey, earlier: Planned, store: Store) -> list[_Asked]:
    """Jobs of the same slot in an earlier plan; empty where it has no such slot."""
    index = earlier.slots.find(slot.cell)
    given = earlier.allocation
    if index is None or slot.ordinal >= int(given.count[index]):
        return []
    values = tuple(given.values[index].tolist())
    return _jobs(earlier, SlotKey(slot.cell, slot.ordinal, slot.rank, int(given.leaf[index]), values), store)


def _explained(planned: Planned, slot: SlotKey, asked: _Asked, past: _Past, store: Store) -> Explained:
    recipe = asked.job.recipe
    reasons: list[str] = []
    if not asked.stored:
        reasons = list(_variants(planned, slot, asked.job, store))
        reasons = reasons or list(_compared(asked.job, past))
        if not reasons:
            reasons.append("the store has no job that differs in model, realm, draw group, seed or one parameter alone")
            reasons.append("what stored keys were made of is not kept; --against REV compares with a revision's job")
    state = "stored" if asked.stored else "to be asked"
    return Explained(slot.rank, recipe.step, recipe.endpoint, asked.job.key.hex(), state, tuple(reasons))


def _variants(planned: Planned, slot: SlotKey, job: Job, store: Store) -> Iterator[str]:
    """Stored jobs that differ from this one in one part of the key."""
    draw = _draw_of(planned, slot, job)
    if draw is None:
        return
    recipe = job.recipe
    tried: dict[bytes, str] = {}
    for text, other in _other_recipes(recipe, store):
        tried[JobFactory(other).job(job.messages, draw).key] = text
    factory = JobFactory(recipe)
    for seed in range(_SEEDS):
        key = factory.job(job.messages, msgspec.structs.replace(draw, seed=seed)).key
        tried[key] = f"the dataset's seed is {draw.seed} now; it was asked with seed {seed}"
    tried.pop(job.key, None)
    for key in store.contains(tried):
        yield tried[key]


def _other_recipes(recipe: Recipe, store: Store) -> Iterator[tuple[str, Recipe]]:
    replace = msgspec.structs.replace
    names = {source.model for source in stats(store).sources} - {recipe.identity}
    for name in sorted(names):
        realm = "sim" if name == "sim" or name.startswith("sim-") else "real"
        text = f"the model is {recipe.identity} now; the same was asked of {name}"
        yield text, replace(recipe, identity=name, realm=realm)
    other = "real" if recipe.realm == "sim" else "sim"
    yield f"the realm is {recipe.realm} now; it was asked as {other}", replace(recipe, realm=other)
    for group in range(_DRAW_GROUPS):
        yield (
            f"another step asked the same (draw group {group}, now {recipe.draw_group})",
            replace(recipe, draw_group=group),
        )
    for thinking in {"", "off", "on"} - {recipe.thinking}:
        yield (
            f"`thinking` is {recipe.thinking or 'unset'} now, {thinking or 'unset'} then",
            replace(recipe, thinking=thinking),
        )
    parameters: dict[str, Any] = msgspec.json.decode(recipe.parameters) if recipe.kind == "chat" else {}
    for name in parameters:
        rest = {key: value for key, value in parameters.items() if key != name}
        encoded = msgspec.json.encode(rest, order="sorted")
        yield f"`{name}` is set now and was not then", replace(recipe, parameters=encoded)


def _draw_of(planned: Planned, slot: SlotKey, job: Job) -> Draw | None:
    """The draw behind a key, found by trying those a step of the slot can make; None for steps made `per` axis."""
    factory, seed = JobFactory(job.recipe), planned.dataset.seed
    for cell, ordinal in ((slot.cell, slot.ordinal), (b"", 0)):
        for candidate in range(64):
            for attempt in range(8):
                draw = Draw(seed, cell, ordinal, candidate, attempt)
                if factory.job(job.messages, draw).key == job.key:
                    return draw
    return None


def _compared(job: Job, past: _Past) -> Iterator[str]:
    """Differences to the nearest job that an earlier revision made for the same slot and step; a stored one, if any."""
    found: tuple[str, _Asked] | None = None
    why = ""
    for name, older in past:
        same = [o for o in older if o.job.recipe.step == job.recipe.step]
        there = [o for o in same if o.job.recipe.endpoint == job.recipe.endpoint] or same
        if not there:
            step = job.recipe.step
            missing = f"asks nothing for a step `{step}` of this sample, as far as it is stored"
            why = why or f"{name} {missing if older else 'has no such sample: its cell has fewer'}"
            continue
        nearest = min(there, key=lambda o: (not o.stored, sum(1 for _ in _parts(job, o.job))))
        if nearest.stored or found is None:
            found = name, nearest
        if nearest.stored:
            break
    if found is None:
        yield from [why] if why else []
        return
    name, nearest = found
    if nearest.job.key == job.key:
        yield f"{name} has the same job, which is not stored either"
        return
    stored = "which is stored" if nearest.stored else "which is not stored either"
    yield f"in {name} this sample's job is {nearest.job.key.hex()[:16]}, {stored}"
    parts = list(_parts(job, nearest.job))
    yield from parts or ["all parts but the draw are equal: another candidate, attempt, ordinal or seed"]


def _parts(job: Job, other: Job) -> Iterator[str]:
    new, old = job.recipe, other.recipe
    for name in ("realm", "identity", "kind", "draw_group", "thinking", "seeded", "schema"):
        if getattr(new, name) != getattr(old, name):
            yield f"{name} differs: {_brief(getattr(old, name))} then, {_brief(getattr(new, name))} now"
    if new.parameters != old.parameters and new.kind == old.kind == "chat":
        then: dict[str, Any] = msgspec.json.decode(old.parameters)
        now: dict[str, Any] = msgspec.json.decode(new.parameters)
        for name in sorted(then.keys() | now.keys()):
            if then.get(name) != now.get(name):
                yield f"parameter `{name}` differs: {_brief(then.get(name))} then, {_brief(now.get(name))} now"
    elif new.parameters != old.parameters:
        yield "parameters differ"
    if len(job.messages) != len(other.messages):
        yield f"there were {len(other.messages)} messages, now {len(job.messages)}"
    for here, there in zip(job.messages, other.messages, strict=False):
        if here != there:
            first = next((i for i, (a, b) in enumerate(zip(here.content, there.content, strict=False)) if a != b), 0)
            start = max(0, first - 20)
            yield (
                f"the {here.role} message differs from character {first + 1} on: "
                f"{_brief(there.content[start : start + 60])} then, {_brief(here.content[start : start + 60])} now"
            )


def _brief(value: object) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else "unset" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
