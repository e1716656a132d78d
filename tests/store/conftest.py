"""What tests of the store share."""

import pytest

from tapc.ir import Price
from tapc.jobs import Job, Message, Recipe, Reply, Usage, WorstCase


class Made:
    """Makes jobs and replies. A token costs 1,000 picodollars in and 3,000 out."""

    price = Price(input=1_000, output=3_000)

    def recipe(self, step="write", endpoint="pen", price=price):
        return Recipe(step, endpoint, "m", "m", "real", b"{}", None, 0, False, 100, 1, 8, price)

    def job(self, number, step="write", endpoint="pen", price=price):
        return Job(number.to_bytes(32, "big"), self.recipe(step, endpoint, price), (Message("user", "hello"),))

    def worst(self, tokens_in=100, tokens_out=100, price=price):
        cost = 0 if price is None else tokens_in * price.input + tokens_out * price.output
        return WorstCase(tokens_in, tokens_out, cost)

    def reply(self, text="fine", tokens_in=40, tokens_out=20, outcome="ok"):
        cost = min(tokens_in * self.price.input + tokens_out * self.price.output, 2**62)
        return Reply(outcome, (text,), Usage(tokens_in, tokens_out), cost, model="m-1", origin="http://127.0.0.1:9/v1")


@pytest.fixture
def made():
    return Made()
