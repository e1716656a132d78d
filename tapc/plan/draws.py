"""`per candidate` mixes as steps ask for them."""

from typing import Any

from tapc.plan.allocate import MixDraws
from tapc.steps import SlotKey
from tapc.templates import AxisViews


class SlotDraws:
    """Implements `tapc.steps.CandidateDraws` for one plan."""

    def __init__(self, draws: MixDraws, views: AxisViews) -> None:
        self._draws = draws
        self._views = views

    def value(self, key: SlotKey, mix: str, candidate: int, width: int) -> str:
        """Name of the value one candidate of a slot gets."""
        return self._draws.value(
            key.cell, key.leaf, key.values, mix, ordinal=key.ordinal, candidate=candidate, width=width
        )

    def view(self, mix: str, value: str) -> Any:
        """What templates see under the mix's name."""
        return self._views.drawn(mix, value)
