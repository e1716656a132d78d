"""Stated rate limits: requests and tokens a minute."""

from tapc.ir import Limit

_MINUTE = 60.0


class Bucket:
    """A token bucket that never lets more than `per_minute` through in any 60 seconds.

    It holds a part of the minute's amount (`burst`) and refills with the rest, so a full bucket and a minute's refill
    together are the stated limit. One amount larger than the bucket waits until it is full, and leaves it in debt.
    """

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, per_minute: int, burst: float, now: float) -> None:
        self._burst = min(burst, per_minute)
        self._rate = max(per_minute - self._burst, per_minute / 2) / _MINUTE
        self._level = self._burst
        self._at = now

    def wait(self, amount: float, now: float) -> float:
        """Seconds until the amount may be taken, 0 for now."""
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        lack = min(amount, self._burst) - self._level
        return lack / self._rate if lack > 1e-9 else 0.0

    def take(self, amount: float) -> None:
        """Take it; call after `wait` returned 0."""
        self._level -= amount

    def give(self, amount: float) -> None:
        """Put back what was taken and not used."""
        self._level = min(self._burst, self._level + amount)


class Rates:
    """Both rates of one endpoint. Tokens are taken at the worst case and corrected by what a reply reports."""

    __slots__ = ("_requests", "_tokens")

    def __init__(self, limit: Limit, now: float) -> None:
        requests, tokens = limit.requests_per_minute, limit.tokens_per_minute
        self._requests = None if requests is None else Bucket(requests, max(1.0, requests / 60), now)
        self._tokens = None if tokens is None else Bucket(tokens, max(1.0, tokens / 20), now)

    @property
    def stated(self) -> bool:
        """Whether there is any."""
        return self._requests is not None or self._tokens is not None

    def wait(self, tokens: int, now: float) -> float:
        """Seconds until a request of so many tokens may go."""
        first = 0.0 if self._requests is None else self._requests.wait(1, now)
        return max(first, 0.0 if self._tokens is None else self._tokens.wait(tokens, now))

    def take(self, tokens: int) -> None:
        """A request goes."""
        if self._requests is not None:
            self._requests.take(1)
        if self._tokens is not None:
            self._tokens.take(tokens)

    def untake(self, tokens: int) -> None:
        """A request did not go after all."""
        if self._requests is not None:
            self._requests.give(1)
        self.correct(tokens)

    def correct(self, unused: int) -> None:
        """A request used less than was taken."""
        if self._tokens is not None and unused > 0:
            self._tokens.give(unused)
