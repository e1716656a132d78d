"""The generator of sample spaces driven by hypothesis, so that a failure shrinks to a small space."""

from functools import cache

from hypothesis import strategies as st
from space_specs import any_space

_numbers = cache(st.integers)


class _Drawn:
    """Choices by hypothesis; each shrinks to the first option, the lowest number, or no."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def chance(self, percent: int) -> bool:
        return self.draw(_numbers(0, 99)) >= 100 - percent

    def number(self, low: int, high: int) -> int:
        return low if low == high else self.draw(_numbers(low, high))

    def pick(self, options):
        return options[self.number(0, len(options) - 1)]

    def some(self, options, size: int):
        """A selection without repetition, by the numbers of what is left."""
        rest = list(options)
        return [rest.pop(self.number(0, len(rest) - 1)) for _ in range(size)]


@st.composite
def spaces(draw: st.DrawFn):
    """A space and a number of samples, see `any_space`."""
    return any_space(_Drawn(draw))
