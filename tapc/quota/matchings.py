"""Orders of one period of draws, of which a priority picks one: unbiased at every position, within one in every prefix.

A value with weight w has w units in a period of p draws. Each draw adds w / p to the share of the value; its unit j is
due while the share grows from j to j + 1. So a draw overlaps units, and the overlaps, in p-ths, are the weights of a
bipartite graph of draws and units in which the weights at every vertex sum to p. A perfect matching of it is an order
in which every prefix is within one. If each edge is repeated by its weight, the graph is a regular bipartite
multigraph, which decomposes into as many perfect matchings as its degree (König 1916). Each edge is in as many
matchings as its weight, so a matching picked at random gives every value its share at every position: cumulative
rounding (Gölz, Peters and Procaccia 2022) by Birkhoff's decomposition.
"""

import hashlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

_ORDERS = 128
"""Least number of orders, so that cells differ even if periods are short."""

_FREE = -1


def overlaps(weight: int, period: int, at: int) -> Iterator[tuple[int, int]]:
    """The units of a value that overlap a draw, each with the size of the overlap in p-ths.

    Args:
        weight: weight of the value, at least 1.
        period: sum of all weights.
        at: number of the draw.
    """
    start, end = at * weight, (at + 1) * weight
    unit = start // period
    border = (unit + 1) * period
    yield unit, min(end, border) - start
    if end > border:
        yield unit + 1, end - border


def orders(weights: tuple[int, ...], period: int) -> npt.NDArray[np.uint16]:
    """Orders of values, shape (orders, period); in each column, the frequency of a value is its share."""
    draws, units, owner = _edges(weights, period)
    copies = -(-_ORDERS // period)
    draws, units = np.repeat(draws, copies), np.repeat(units, copies)
    bits = hashlib.shake_128(repr(weights).encode()).digest(8 * len(draws))
    mixed = np.argsort(np.frombuffer(bits, ">u8"), kind="stable")
    colors = _Colors(period, period * copies)
    for draw, unit in zip(draws[mixed].tolist(), units[mixed].tolist(), strict=True):
        colors.add(draw, unit)
    return owner[np.array(colors.unit_of, np.int64)].T.copy()


def _edges(
    weights: tuple[int, ...], period: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    """The draw and the unit of every edge, repeated by its weight, and the value of every unit."""
    first = np.concatenate(([0], np.cumsum(weights)))
    found = [
        (at, int(first[value]) + unit, mass)
        for value, weight in enumerate(weights)
        if weight
        for at in range(period)
        for unit, mass in overlaps(weight, period, at)
    ]
    draws, units, masses = np.array(found, np.int64).T
    owner = np.repeat(np.arange(len(weights)), weights).astype(np.uint16)
    return np.repeat(draws, masses), np.repeat(units, masses), owner


class _Colors:
    """An edge coloring that grows by one edge at a time; in the end, draws and units have `degree` edges each.

    Attributes:
        unit_of: unit of each draw in each color.
    """

    def __init__(self, size: int, degree: int) -> None:
        self.unit_of = [[_FREE] * degree for _ in range(size)]
        self._draw_of = [[_FREE] * degree for _ in range(size)]
        everything = (1 << degree) - 1
        self._draw_free = [everything] * size
        self._unit_free = [everything] * size

    def add(self, draw: int, unit: int) -> None:
        """Color one more edge."""
        common = self._draw_free[draw] & self._unit_free[unit]
        if not common:
            common = _lowest(self._draw_free[draw])
            self._swap(unit, common, _lowest(self._unit_free[unit]))
        bit = _lowest(common)
        color = bit.bit_length() - 1
        self.unit_of[draw][color] = unit
        self._draw_of[unit][color] = draw
        self._draw_free[draw] ^= bit
        self._unit_free[unit] ^= bit

    def _swap(self, unit: int, used: int, free: int) -> None:
        """Exchange two colors along the alternating path from a unit; it cannot reach a draw that lacks `used`."""
        one, two, both = used.bit_length() - 1, free.bit_length() - 1, used | free
        self._unit_free[unit] ^= both
        path: list[tuple[int, int]] = []
        free_at_end, end = self._unit_free, unit
        while (draw := self._draw_of[unit][one]) != _FREE:
            path.append((draw, unit))
            free_at_end, end = self._draw_free, draw
            unit = self.unit_of[draw][two]
            if unit == _FREE:
                break
            path.append((draw, unit))
            free_at_end, end = self._unit_free, unit
        free_at_end[end] ^= both
        for n, (draw, at) in enumerate(path):
            old = two if n % 2 else one
            self.unit_of[draw][old] = self._draw_of[at][old] = _FREE
        for n, (draw, at) in enumerate(path):
            new = one if n % 2 else two
            self.unit_of[draw][new] = at
            self._draw_of[at][new] = draw


def _lowest(bits: int) -> int:
    return bits & -bits
