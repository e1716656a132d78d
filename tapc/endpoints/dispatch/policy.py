"""How patient the dispatcher is. Every wait it makes has its bound here or in the endpoint's time limit."""

import random

import msgspec

ENDLESS = 2**31
"""As `Policy.consecutive_failures`: refusals stop no endpoint, and are not told of."""


class Policy(msgspec.Struct, frozen=True):
    """Bounds of patience; the defaults suit servers on the internet and on the machine alike.

    Attributes:
        tries: of one job, requests that failed for good reason (time-out, drop, 5xx).
        refusals: of one job, answers that ask to come later (429, 503) before it is given up.
        backoff_seconds, backoff_limit: of the first retry and of any.
        wait_limit: longest wait a server can ask for at once (`Retry-After`), seconds.
        patience_seconds: an endpoint that has answered before, or asks to wait, is given up after so long without a
            success; see `faults` for one that has never answered.
        trip: failures in a row that open a replica's circuit.
        probe_seconds: how long an endpoint may take to answer the probe.
        busy_seconds: how long to wait for another run that asks the same job or holds the money, without its moving.
        suspended_seconds: the same where its process is suspended.
        concurrency: of one endpoint that states none.
        first_window: requests in flight at a server that has answered nothing yet.
        start_window: most requests in flight before replies have shown that more do no harm.
        consecutive_failures: requests refused in a row (400, 422), without any success, that stop an endpoint.
    """

    tries: int = 6
    refusals: int = 200
    backoff_seconds: float = 0.5
    backoff_limit: float = 30.0
    wait_limit: float = 300.0
    patience_seconds: float = 300.0
    trip: int = 5
    probe_seconds: float = 10.0
    busy_seconds: float = 900.0
    suspended_seconds: float = 30.0
    concurrency: int = 256
    first_window: int = 1
    start_window: int = 64
    consecutive_failures: int = 16


def backoff(policy: Policy, failures: int) -> float:
    """Full jitter: uniform between 0 and a bound that doubles with every failure.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    bound = min(policy.backoff_limit, policy.backoff_seconds * 2 ** min(failures, 16))
    return random.uniform(0.0, bound)  # noqa: S311 - spreads load, hides nothing
