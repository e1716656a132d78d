"""Random edits of a spec, each planned, compared and run; nothing that did not change is paid for again."""

import random
from pathlib import Path

import pytest
from edited_spec import FREE, Spec, edits_of, first_spec, merged, persona
from workbench import Workbench

SUITE, ALL = 25, 2000


def numbers() -> list[object]:
    return [*range(SUITE), *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(SUITE, ALL))]


def play(folder: Path, seed: int) -> None:
    """A sequence of edits and merges, and one of the specs on the way again."""
    r = random.Random(seed)
    bench = Workbench(folder)
    try:
        spec = first_spec(r)
        bench.go(spec)
        for _ in range(r.randint(2, 5)):
            spec = merge(bench, spec, r) if not r.randrange(6) else edit(bench, spec, r)
        bench.go(r.choice(bench.undoable)[0])
    except AssertionError as error:
        error.add_note("\n".join(bench.told))
        raise


def edit(bench: Workbench, spec: Spec, r: random.Random) -> Spec:
    """One edit."""
    chosen = r.choice(edits_of(spec))
    after = chosen(spec, r)
    sent = bench.go(after)
    assert not sent or chosen not in FREE, "a rename, or another order of values or rows, is free"
    assert sent <= after.samples or chosen is not persona, "a mix that only answers read asks no question again"
    return after


def merge(bench: Workbench, spec: Spec, r: random.Random) -> Spec:
    """Two branches, and then both, with the lock of either as git has it."""
    base = bench.state()
    one = edit(bench, spec, r)
    ours = bench.state()
    bench.restore(base)
    other = edit(bench, spec, r)
    if r.randrange(2):
        bench.restore(ours)
    both = merged(spec, one, other)
    bench.go(both)
    return both


@pytest.mark.parametrize("seed", numbers())
def test_edits_are_paid_for_once_and_can_be_undone(tmp_path: Path, seed: int) -> None:
    play(tmp_path, seed)
