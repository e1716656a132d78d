"""A server that bills as providers do, in a process of its own: it outlives every run that is killed.

    python tests/torture/billing_server.py --price '{"input": "2", "cache_write": "2.5", "output": "8"}'

It prints its address on a line of its own and serves until its standard input is closed. `GET /billed` gives what it
has billed so far, as `Billing.totals` does. For a server inside a test: `with BillingServer(Billing(…)) as server`.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "e2e")]

from billing import Billing  # noqa: E402 - found by the line above where this file is the program
from counting_server import Asked, Behaviour, Charge, CountingServer, http, well  # noqa: E402 - the same


class BillingServer(CountingServer):
    """A counting server with other rules of billing; everything else is as there."""

    def __init__(self, billing: Billing, behave: Behaviour = well) -> None:
        super().__init__(behave)
        self.billing = billing

    def charge(self, asked: Asked, given: int, made: int) -> Charge:
        """See `Billing.charge`."""
        return self.billing.charge(asked.body, given, made)

    def page(self, path: str) -> bytes:
        """`GET /billed`; everything else is the list of models."""
        return http(200, self.billing.totals()) if path == "/billed" else super().page(path)


def main() -> None:
    """Serve until nobody holds the other end of standard input."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("--price", type=json.loads, required=True)
    read.add_argument("--default-tier", default="default")
    read.add_argument("--flex-room", type=float, default=0.5)
    read.add_argument("--block", type=int, default=16)
    read.add_argument("--style", default="openai")
    given = read.parse_args()
    billing = Billing(
        given.price,
        default_tier=given.default_tier,
        flex_room=given.flex_room,
        block=given.block,
        style=given.style,
    )
    with BillingServer(billing) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
