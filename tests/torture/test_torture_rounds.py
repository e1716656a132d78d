"""A round of torture of each kind that no test of its own plays; the others, and more of each, in the exhaustive part.

`bench/torture.py` plays thousands.

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


ELSEWHERE = {"kill", "suspend", "interrupt", "errors", "cap", "folder", "pair"}
"""Kinds of which the end-to-end tests, or those of the folder, play several each."""


def rounds() -> Iterator[object]:
    """Three rounds of each kind by number, most of them for the exhaustive part alone."""
    for number in range(3 * len(KINDS)):
        kind = list(KINDS)[number % len(KINDS)]
        rest = number >= len(KINDS) or kind in ELSEWHERE
        yield pytest.param(number, id=f"{kind}-{number}", marks=[pytest.mark.exhaustive] if rest else [])


@pytest.mark.parametrize("number", list(rounds()))
def test_nothing_is_lost_paid_twice_or_crossed(number: int, references: References, tmp_path: Path) -> None:
    chance = random.Random(number)
    arena = Arena(tmp_path / "arena", references, chance, drawn(chance))
    play(list(KINDS)[number % len(KINDS)], arena)
    assert arena.looks, "the money was looked at while it was spent"
