"""Random edits of a spec, each planned, compared and run; nothing that did not change is paid for again."""

import random
from pathlib import Path

import pytest
from edited_spec import edited, first_spec
from workbench import Workbench

SUITE, ALL = 25, 2000


def numbers() -> list[object]:
    return [*range(SUITE), *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(SUITE, ALL))]


def play(folder: Path, seed: int) -> None:
    """A sequence of edits, and one of the specs on the way again."""
    r = random.Random(seed)
    bench = Workbench(folder)
    try:
        spec = first_spec(r)
        bench.go(spec)
        for _ in range(r.randint(2, 5)):
            spec = edited(spec, r)
            bench.go(spec)
        bench.go(r.choice(bench.undoable)[0])
    except AssertionError as error:
        error.add_note("\n".join(bench.told))
        raise


@pytest.mark.parametrize("seed", numbers())
def test_edits_are_paid_for_once_and_can_be_undone(tmp_path: Path, seed: int) -> None:
    play(tmp_path, seed)
