"""How long servers took, for the time that later plans show."""

from typing import NamedTuple

_MOST = 4096
"""Requests that are kept for one server and model; of more, every second one is forgotten, again and again."""


class Timed(NamedTuple):
    """One answered request: requests in flight when it was sent, seconds, output tokens."""

    load: int
    seconds: float
    tokens: int


class ServerTimings:
    """The requests to one server for one model.

    Attributes:
        answered: number of requests with a reply.
        refused: number that the server put off (429, 503) or did not answer in time.
        first, last: when the first was sent and the last reply came, loop time.
        most: requests in flight at most.
    """

    __slots__ = ("_every", "_kept", "answered", "first", "last", "most", "refused")

    def __init__(self, sent: float) -> None:
        self._kept: list[Timed] = []
        self._every = 1
        self.answered = self.refused = self.most = 0
        self.first = self.last = sent

    def take(self, load: int, sent: float, now: float, tokens: int) -> None:
        """A reply came."""
        if not self.answered % self._every:
            self._kept.append(Timed(load, now - sent, tokens))
            if len(self._kept) >= _MOST:
                del self._kept[1::2]
                self._every *= 2
        self.answered += 1
        self.last = now
        self.most = max(self.most, load)

    @property
    def kept(self) -> list[Timed]:
        """All requests, or an even selection of them in order."""
        return self._kept


class Timings:
    """The requests of a run, by server (as `Target.origin` shows it) and model."""

    def __init__(self) -> None:
        self.by_server: dict[tuple[str, str], ServerTimings] = {}

    def of(self, server: str, model: str, sent: float) -> ServerTimings:
        """Where requests are noted."""
        found = self.by_server.get((server, model))
        if found is None:
            found = self.by_server[server, model] = ServerTimings(sent)
        return found
