"""The faults of `bench/mutants.toml` can be put where they belong; trying them takes an hour, this a moment."""

import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"


def test_every_fault_has_its_place() -> None:
    sys.path.insert(0, str(BENCH))
    try:
        import mutants
    finally:
        sys.path.remove(str(BENCH))
    faults = mutants.faults()
    assert [why for fault in faults if (why := mutants.misplaced(fault))] == [], (
        "the code has moved on: move the faults"
    )
    assert len(faults) >= 200
    assert len({fault.name for fault in faults}) == len(faults)
    assert all(fault.old != fault.new for fault in faults)
    assert {
        tests for fault in faults for tests in fault.tests if not (BENCH.parent / tests.split()[0]).exists()
    } == set()
