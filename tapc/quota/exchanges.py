"""Corrects pair counts by exchanges of roundings, cheapest first, so that most are the same after an edit.

For a pair (b, v) that is too frequent, a row with b rounds down v and rounds up another value o, and a row with another
b' rounds down o and up v; for a pair that is too rare, the other way round. Both rows are under a common constraint;
constraints below it need slack. A pass collects the cheapest exchanges for all pairs that are off, and makes those that
still fit, in order. The price of an exchange is the priority that it loses, less the errors that it removes: with the
errors alone, another pair of rows would be best after the smallest change of the spec.
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, lowest, ranges
from tapc.quota.keys import NAT
from tapc.quota.moves import Moves, PairSearch
from tapc.quota.tables import ONE, Table

_LITTLE = 100
"""Most wrong samples per exchange of a pass; if a pass finds fewer exchanges, the rest is left to swaps."""

_LOOKS = 1000
"""Most pairs that are considered for one mix, over all passes."""

_FEWEST, _MOST = 256, 2048
"""Bounds on the number of roundings and moves of one side that are considered for one pair."""


class _Priced(msgspec.Struct, frozen=True):
    """Moves with their prices: the priority that each gives away, less the errors that it removes."""

    moves: Moves
    price: Ints

    def keep(self, which: Flags | Ints) -> "_Priced":
        return _Priced(self.moves.keep(which), self.price[which])


class _Exchange(msgspec.Struct, frozen=True, order=True):
    """One row rounds down `source` for `target`, a partner the reverse; constraints below `depth` need slack."""

    price: int
    row: int
    partner: int
    source: int
    target: int
    depth: int
    table: int


class _ByPair:
    """Roundings by the pair to which they belong, for one table; `held` is the priority of each."""

    def __init__(self, row: Ints, value: Ints, held: Ints, table: Table) -> None:
        self.width = table.error.shape[1]
        cell = table.index[row] * self.width + value
        order = np.argsort(cell, kind="stable")
        self.row, self.value, self.held = row[order], value[order], held[order]
        self._edges = np.searchsorted(cell[order], np.arange(table.error.size + 1))

    def of(self, others: Ints, values: Ints) -> Ints:
        """Positions of the roundings of some pairs."""
        cells = others * self.width + values
        return ranges(self._edges[cells], self._edges[cells + 1] - self._edges[cells])

    def cheapest(self, items: Ints, most: int) -> Ints:
        """The `most` roundings with the lowest priority."""
        return items[lowest(self.held[items], most)]


class Exchanges:
    """The exchanges in one rounding."""

    def __init__(self, search: PairSearch) -> None:
        self._search = search
        self._state = search.state
        self._tables = tables = search.tables
        self._looks = _LOOKS
        # The priority that one removed unit of error is worth. It falls with the largest error, so that both count.
        worst = max((int(np.abs(table.off()).max()) for table in tables), default=0)
        self._worth = 4 * NAT // (3 + worst) // ONE
        # How much more than offered an exchange may cost when it is made; otherwise it waits for the next pass.
        self._patience = self._worth * ONE * worst // 2

    def run(self) -> None:
        """Exchange until all pairs are within one of their targets, a pass finds little, or the limit is reached."""
        wrong = self._search.off()
        while wrong and _LITTLE * self._pass(sorted(self._offers())) >= wrong:
            wrong = self._search.off()

    def _pass(self, offers: list[_Exchange]) -> int:
        """Make the cheaper half of the offers, at least one; the prices of the others may have changed by then."""
        made = 0
        for number, offer in enumerate(offers):
            if made and 2 * number >= len(offers):
                break
            made += self._make(offer)
        return made

    def _offers(self) -> list[_Exchange]:
        """The cheapest exchanges for each pair that is off; only for the worst ones if there are too many."""
        wrong = [
            (-abs(int(off[other, value])), number, other, value, int(off[other, value]))
            for number, off in enumerate(table.off() for table in self._tables)
            for other, value in np.argwhere(off).tolist()
        ]
        wrong = sorted(wrong)[: self._looks]
        self._looks -= len(wrong)
        if not wrong:
            return []
        row, value = (a.astype(np.int64) for a in np.nonzero(self._state.up))
        held = self._state.priority[row, value]
        by_pair = [_ByPair(row, value, held, table) for table in self._tables]
        return [offer for _, number, *pair in wrong for offer in self._offers_for(number, by_pair[number], *pair)]

    def _offers_for(self, number: int, held_by: _ByPair, other: int, wrong: int, off: int) -> list[_Exchange]:
        """The cheapest exchanges that reduce the error of one pair and the squared errors of its table."""
        table = self._tables[number]
        # With rows of b and b', values v and o, and all four counts changing by one, the squared errors of the table
        # change by 4 + 2 * sign * (-e[b, v] + e[b, o] + e[b', v] - e[b', o]), in samples. `change` is that bracket for
        # every (b', o), shape (others, V), in units of 1 / ONE; an exchange is useful if the sum is below 0.
        error = table.error
        sign = 1 if off > 0 else -1
        change = error[other] - error[other, wrong] - error + error[:, wrong][:, None]
        useful = 2 * ONE + sign * change < 0
        useful[other] = False
        useful[:, wrong] = False
        if not useful.any():
            return []
        values = np.flatnonzero(useful.any(axis=0))
        most = min(max(_FEWEST, 128 * abs(off)), _MOST)
        if sign > 0:
            mine = self._spread(held_by, held_by.of(np.array([other]), np.array([wrong])), values, most)
            its = self._gather(held_by, held_by.of(*np.nonzero(useful)), wrong, most)
        else:
            mine = self._gather(held_by, held_by.of(np.full(len(values), other), values), wrong, most)
            far = np.flatnonzero(useful.any(axis=1))
            its = self._spread(held_by, held_by.of(far, np.full(len(far), wrong)), values, most)
            its = its.keep(useful[table.index[its.moves.row], its.moves.target])
        return self._match(number, mine, its, 2 * abs(off))

    def _spread(self, held_by: _ByPair, items: Ints, values: Ints, most: int) -> _Priced:
        """Moves of roundings to any of some values."""
        items = held_by.cheapest(items, most)
        rows, sources = held_by.row[items], held_by.value[items]
        item, column = np.nonzero(self._state.can[rows[:, None], values] & ~self._state.up[rows[:, None], values])
        return self._price(rows[item], sources[item], values[column], most)

    def _gather(self, held_by: _ByPair, items: Ints, target: int, most: int) -> _Priced:
        """Moves of roundings to one value."""
        rows = held_by.row[items]
        items = held_by.cheapest(items[self._state.can[rows, target] & ~self._state.up[rows, target]], most)
        return self._price(held_by.row[items], held_by.value[items], np.full(len(items), target, np.int64), most)

    def _price(self, rows: Ints, sources: Ints, targets: Ints, most: int) -> _Priced:
        moves = Moves(rows, sources, targets)
        price = self._search.loss(moves)
        for table in self._tables:
            at = table.index[rows]
            price += (table.error[at, targets] - table.error[at, sources]) * (2 * self._worth)
        return _Priced(moves, price).keep(lowest(price, most))

    def _match(self, number: int, mine: _Priced, its: _Priced, wanted: int) -> list[_Exchange]:
        """Combine moves under common constraints, from the lowest up, the cheapest with the cheapest."""
        state, found = self._state, list[_Exchange]()
        for depth in range(len(state.constraints.path) - 1, -1, -1):
            if not len(mine.moves) or not len(its.moves):
                break
            constraint = state.constraints.path[depth]
            under = mine.keep(constraint[mine.moves.row] >= 0), its.keep(constraint[its.moves.row] >= 0)
            found += self._under(number, *under, depth, wanted)
            mine, its = (side.keep(self._search.slack(side.moves, constraint)) for side in (mine, its))
        return _disjoint(sorted(found), wanted)

    def _under(self, number: int, mine: _Priced, its: _Priced, depth: int, wanted: int) -> list[_Exchange]:
        """Exchanges of moves under one constraint of this depth with opposite values.

        Both sides are numbered by (constraint, value lost, value gained) and by their rank in price among those; equal
        numbers are combined, so the cheapest is exchanged with the cheapest, the second with the second, and so on.
        """
        level, width = self._state.constraints.path[depth], self._state.load.shape[1]
        one, two = mine.moves, its.moves
        order, place = _places((level[one.row] * width + one.source) * width + one.target, mine.price)
        order_its, place_its = _places((level[two.row] * width + two.target) * width + two.source, its.price)
        _, here, there = np.intersect1d(place, place_its, assume_unique=True, return_indices=True)
        here, there = order[here], order_its[there]
        price = mine.price[here] + its.price[there]
        best = lowest(price, 2 * wanted)
        here, there, price = here[best], there[best], price[best]
        columns = price, one.row[here], two.row[there], one.source[here], one.target[here]
        return [
            _Exchange(cost, row, partner, source, target, depth, number)
            for cost, row, partner, source, target in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def _make(self, given: _Exchange) -> bool:
        """Make an exchange if it is still possible and lowers the sum of squared errors over all tables."""
        state, rows, values = self._state, [given.row, given.partner], [given.source, given.target]
        held = state.up[rows][:, values].tolist()
        if held != [[True, False], [False, True]] or not self._wanted(given):
            return False
        # Half the change of the squared errors, as in `_offers_for`; a table in which both rows have one value of the
        # other mix does not change.
        total = 0
        for table in self._tables:
            one, two = (int(table.index[row]) for row in rows)
            if one != two:
                error = table.error[[one, two]][:, values].tolist()
                total += 2 * ONE - error[0][0] + error[0][1] - error[1][1] + error[1][0]
        priority = state.priority[rows][:, values].tolist()
        loss = priority[0][0] - priority[0][1] + priority[1][1] - priority[1][0]
        if total >= 0 or loss + 2 * (total - 2 * ONE) * self._worth > given.price + self._patience:
            return False
        both = Moves(np.array(rows), np.array(values), np.array(values[::-1]))
        if not self._search.slack_below(both, given.depth).all():
            return False
        self._search.make(zip(rows, values, reversed(values), strict=True))
        return True

    def _wanted(self, given: _Exchange) -> bool:
        """Whether one of the four pairs is still off in the direction that the exchange corrects."""
        table = self._tables[given.table]
        off = table.off_at(np.array([table.index[given.row], table.index[given.partner]]))
        off = off[:, [given.source, given.target]]
        return bool(off[0, 0] > 0 or off[0, 1] < 0 or off[1, 1] > 0 or off[1, 0] < 0)


def _disjoint(offers: list[_Exchange], wanted: int) -> list[_Exchange]:
    """The first offers without a row in common."""
    taken, kept = set[int](), list[_Exchange]()
    for offer in offers:
        if len(kept) == wanted:
            break
        if offer.row not in taken and offer.partner not in taken:
            taken |= {offer.row, offer.partner}
            kept.append(offer)
    return kept


def _places(key: Ints, price: Ints) -> tuple[Ints, Ints]:
    """The order by key and price, and for each element a number that combines its key and its rank within the key."""
    order = np.lexsort((price, key))
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(key)), np.bool_), ordered[1:] != ordered[:-1])))
    ranks = np.arange(len(key)) - np.repeat(starts, np.diff(np.append(starts, len(key))))
    return order, ordered * (_MOST + 1) + ranks
