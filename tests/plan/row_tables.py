"""Tables of rows and plans over them, and the rules of assignment read by the letter."""

from fractions import Fraction

from tapc.inputs.table import RowTable
from tapc.ir import Dataset, IdentityNames, Mix, MixValue, Reserve, Space
from tapc.plan import Planned, PlanResources, plan_dataset
from tapc.steps import InputRow

MIXES = (
    Mix(name="language", values=(MixValue(name="de"), MixValue(name="en"), MixValue(name="sw"))),
    Mix(name="level", values=(MixValue(name="easy"), MixValue(name="hard"))),
)


def table(axes: tuple[str, ...], rows: dict[tuple[str, ...], list[InputRow]], step: str = "rows") -> RowTable:
    """Rows by the combination of values that they belong to."""
    found = RowTable(step, axes)
    for pool, mine in enumerate(rows.values()):
        for row in mine:
            found.add(row, pool)
    found.seal({name: pool for pool, name in enumerate(rows)}, len(rows), (), IdentityNames(Space()))
    return found


def numbered(axes: tuple[str, ...], sizes: dict[tuple[str, ...], int]) -> RowTable:
    """So many rows of each combination, with texts `de:0`, `de:1`, …"""
    return table(
        axes, {name: [InputRow(f"{'/'.join(name)}:{n}", {}) for n in range(size)] for name, size in sizes.items()}
    )


def planned(samples: int | None, *tables: RowTable, lock=None, mixes=MIXES) -> Planned:
    """A plan over these rows, or its problems."""
    data = Dataset(name="d", samples=samples, space=Space(mixes=mixes), reserve=Reserve(share=Fraction(1)))
    return plan_dataset(data, lock, resources=PlanResources(rows=tables))


def seated_one_by_one(rows, groups_of_rows, points, groups, places, seats):
    """Each row in turn takes the nearest open place after its point, around the circle of its group."""
    free, found = list(seats), []
    for row, group in zip(rows, groups_of_rows, strict=True):
        open_points = [
            ((point - row) % 2**64, place)
            for point, own, place in zip(points, groups, places, strict=True)
            if own == group and free[place]
        ]
        found.append(min(open_points)[1])
        free[found[-1]] -= 1
    return found
