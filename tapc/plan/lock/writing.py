"""The text of a lock."""

from collections.abc import Iterator, Sequence

import numpy as np

from tapc.plan.lock.late import write_divisions
from tapc.plan.lock.names import ABSENT, BLANK, escape
from tapc.quota import Lock

SCHEMA = "tapc.lock/2"
"""First line."""


def write_lock(lock: Lock) -> str:
    """The text of a lock file."""
    return "\n".join((*_header(lock), *_leaves(lock), ""))


def _header(lock: Lock) -> Iterator[str]:
    yield SCHEMA
    yield f"samples {lock.samples}"
    if lock.taxonomy:
        yield f"taxonomy {escape(lock.taxonomy)}"
    if lock.mixes:
        yield " ".join(("mixes", *(escape(name) for name, _ in lock.mixes)))
    since = dict(lock.joined)
    identity = (f"{escape(name)}:{since[name]}" if name in since else escape(name) for name in lock.identity)
    yield " ".join(("identity", *identity))
    if lock.divisions is not None:
        yield " ".join(("late", *(escape(name) for name, _ in lock.divisions.mixes)))
    for mark in lock.marks:
        yield f"plan {mark.plan} {mark.mark}" + (f" {mark.base}" if mark.base != mark.mark else "")
    for name, digest in lock.imports:
        yield f"import {escape(name, BLANK)} {digest}"
    for name, digest in lock.prices:
        yield f"price {escape(name, BLANK)} {digest}"


def _leaves(lock: Lock) -> Iterator[str]:
    names = [[*map(escape, values), ABSENT] for _, values in lock.mixes]  # an index of -1 is the last
    edges = np.searchsorted(lock.leaf, np.arange(len(lock.leaves) + 1)).tolist()
    first = np.searchsorted(lock.events.cell, np.arange(len(lock.leaf) + 1)).tolist()
    plans: list[int] = lock.events.plan.tolist()
    changes: list[int] = lock.events.change.tolist()
    divided = {} if lock.divisions is None else write_divisions(lock.divisions)
    for leaf, path in enumerate(lock.leaves):
        low, high = edges[leaf], edges[leaf + 1]
        rows: list[list[int]] = lock.values[low:high].tolist()
        cells = ["/".join(known[index] for known, index in zip(names, row, strict=True)) for row in rows]
        counts = (
            f"{cell}:{_history(plans[first[n] : first[n + 1]], changes[first[n] : first[n + 1]])}"
            for n, cell in enumerate(cells, low)
        )
        dotted = ".".join(escape(part) for part in path) or "."
        yield " ".join(("leaf", dotted, str(int(lock.count[low:high].sum())), *counts))
        late = [f"{cell}:{divided[n]}" for n, cell in enumerate(cells, low) if n in divided]
        if late:
            yield " ".join(("late", dotted, *late))


def _history(plans: Sequence[int], changes: Sequence[int]) -> str:
    if len(plans) == 1 == plans[0]:
        return str(changes[0])
    text, after = "", 0
    for plan, change in zip(plans, changes, strict=True):
        text += f"{change:+d}" if plan == after + 1 else f"{change:+d}@{plan}"
        after = plan
    return text[1:]  # a cell begins with samples that are added
