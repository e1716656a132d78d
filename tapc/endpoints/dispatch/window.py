"""How many requests to have in flight at one replica: additive increase, multiplicative decrease."""


class Window:
    """Grows while it is what binds, shrinks when the server asks for less.

    Triples each round until the first sign of overload, then grows by one a round (as TCP Reno does; Jacobson 1988).
    TCP doubles; a round of requests takes seconds, and those that would have fitted are gone.
    Answers to requests sent before the last cut do not cut again: they report the same overload.
    """

    __slots__ = ("_cut_at", "_limit", "_size", "_threshold")

    def __init__(self, start: int, limit: int) -> None:
        self._limit = limit
        self._size = float(min(start, limit))
        self._threshold = float(limit)
        self._cut_at = -1.0

    @property
    def size(self) -> int:
        """Requests that may be in flight."""
        return int(self._size)

    def grow(self) -> None:
        """A success came while the window was full."""
        if self._size < self._limit:
            self._size = min(self._limit, self._size + (2.0 if self._size < self._threshold else 1.0 / self._size))

    def shrink(self, sent_at: float, now: float) -> None:
        """A request sent then was turned down for overload now."""
        if sent_at > self._cut_at:
            self._size = self._threshold = max(1.0, self._size * 0.7)
            self._cut_at = now
