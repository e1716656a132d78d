"""Corrects ceilings of endpoints in a pool, which cannot all be reached.

Any slot may draw any members of a pool (`2 of [a, b, c]`), so the ceiling of each endpoint assumes that all slots draw
it. Together they get no more than the requests of the step, at worst all from the most expensive members. The
difference is a *relief*: sums with negative ceilings, which are added wherever endpoints of one step are summed.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np

from tapc.plan.estimate.estimation import Figures
from tapc.plan.estimate.strata import Ints
from tapc.plan.estimate.totals import StepTotals, Sums

_Column = tuple[int, Ints]
"""What one request of an endpoint is worth, and its requests, by cell, that cannot all be made."""


class Relief(msgspec.Struct, frozen=True):
    """The relief of one step that draws from a pool.

    Attributes:
        step: its name.
        input, output, money: reliefs by endpoint; which endpoints are used at worst depends on the quantity.
    """

    step: str
    input: Sequence[_Column]
    output: Sequence[_Column]
    money: Sequence[_Column]

    def total(self) -> Sums:
        """Sums over all cells."""
        return self.rows(lambda column: column.sum(keepdims=True))[0]

    def rows(self, gather: Callable[[Ints], Ints]) -> list[Sums]:
        """Sums by row; `gather` sums a column of cells into rows."""
        requests = gather(np.sum([column for _, column in self.input], axis=0)).tolist()
        parts = [self._weighed(columns, gather) for columns in (self.input, self.output, self.money)]
        return [Sums(0, 0, *(Figures(0, 0, -amount) for amount in row)) for row in zip(requests, *parts, strict=True)]

    def _weighed(self, columns: Sequence[_Column], gather: Callable[[Ints], Ints]) -> list[int]:
        gathered = [[worth * n for n in gather(column).tolist()] for worth, column in columns]
        return [sum(row) for row in zip(*gathered, strict=True)]


def reliefs(step_totals: Sequence[StepTotals]) -> Iterator[Relief]:
    """The relief of every step that draws from a pool.

    If a step is made per axis, stored replies are not known by cell, so its endpoints have no relief once there are
    any.
    """
    pools: dict[str, list[StepTotals]] = {}
    for totals in step_totals:
        if totals.cost.made.pooled and totals.open:
            pools.setdefault(totals.cost.recipe.step, []).append(totals)
    for step, members in pools.items():
        if members[0].cost.made.per and any(member.stored.any() for member in members):
            continue
        yield Relief(
            step,
            _spared(members, [member.cost.unit.most_in for member in members]),
            _spared(members, [member.cost.unit.most_out for member in members]),
            _spared(members, [member.cost.largest for member in members]),
        )


def _spared(members: Sequence[StepTotals], worth: Sequence[int]) -> list[_Column]:
    """Requests, cell by cell, beyond those of the most expensive members."""
    made = [member.cost.made for member in members]
    drawn = int(sum(one.each for one in made) / made[0].most)
    room = drawn * members[0].most - sum(member.stored for member in members)
    room = np.maximum(room, sum(member.left for member in members))
    found: list[_Column] = []
    for amount, member in sorted(zip(worth, members, strict=True), key=lambda pair: -pair[0]):
        taken = np.minimum(room, member.ceiling)
        found.append((amount, member.ceiling - taken))
        room = room - taken
    return found
