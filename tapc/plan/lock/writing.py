"""The text of a lock."""

from collections.abc import Iterator, Sequence

import numpy as np

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
    yield " ".join(("identity", *(escape(name) for name in lock.identity)))
    for plan, mark in lock.marks:
        yield f"plan {plan} {mark}"
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
    for leaf, path in enumerate(lock.leaves):
        low, high = edges[leaf], edges[leaf + 1]
        rows: list[list[int]] = lock.values[low:high].tolist()
        cells = (
            "/".join(known[index] for known, index in zip(names, row, strict=True))
            + f":{_history(plans[first[cell] : first[cell + 1]], changes[first[cell] : first[cell + 1]])}"
            for cell, row in enumerate(rows, low)
        )
        dotted = ".".join(escape(part) for part in path) or "."
        yield " ".join(("leaf", dotted, str(int(lock.count[low:high].sum())), *cells))


def _history(plans: Sequence[int], changes: Sequence[int]) -> str:
    if len(plans) == 1 == plans[0]:
        return str(changes[0])
    text, after = "", 0
    for plan, change in zip(plans, changes, strict=True):
        text += f"{change:+d}" if plan == after + 1 else f"{change:+d}@{plan}"
        after = plan
    return text[1:]  # a cell begins with samples that are added
