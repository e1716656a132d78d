"""A round of torture of each kind; `bench/torture.py` plays thousands.

A failing round can be had again by its number: `python bench/torture.py --seed NUMBER --rounds 1`.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from torture_arena import Arena, References
from torture_kinds import KINDS, play
from torture_server import TortureServer
from torture_specs import drawn


@pytest.fixture(scope="session")
def references(tmp_path_factory: pytest.TempPathFactory) -> Iterator[References]:
    with TortureServer() as server:
        yield References(server, tmp_path_factory.mktemp("references"))


@pytest.mark.parametrize("number", range(len(KINDS)), ids=list(KINDS))
def test_nothing_is_lost_paid_twice_or_crossed(number: int, references: References, tmp_path: Path) -> None:
    chance = random.Random(number)
    arena = Arena(tmp_path / "arena", references, chance, drawn(chance))
    play(list(KINDS)[number % len(KINDS)], arena)
    assert arena.looks, "the money was looked at while it was spent"
