"""Usage reports, each with its source and the numbers that are right, read from the body of a whole reply."""

import json
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tapc.endpoints.replies.usage import read_usage
from tapc.ir import LongPrice, Price
from tapc.jobs import Job, Message, Recipe, Usage, worst_case

REPORTS = tomllib.loads(Path(__file__).with_name("usage_reports.toml").read_text(encoding="utf-8"))["report"]
PRICE = Price(
    input=2_000_000,
    cached_input=500_000,
    cache_write=2_500_000,
    output=8_000_000,
    long=(LongPrice(above=272_000, input=4_000_000, output=12_000_000),),
    flex=Fraction(1, 2),
    batch=Fraction(1, 2),
)


def job(asked: str = "", price: Price | None = PRICE) -> Job:
    parameters = json.dumps({"service_tier": asked} if asked else {}).encode()
    recipe = Recipe("s", "e", "m", "m", "real", parameters, None, 0, False, 400, 1, 64, price)
    return Job(b"k" * 32, recipe, (Message("user", "Write one fact."),))


def test_there_are_many_with_sources():
    assert len(REPORTS) >= 60
    assert len({report["name"] for report in REPORTS}) == len(REPORTS)
    assert all(report["source"] for report in REPORTS)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["name"])
def test_a_report_is_read_as_its_source_means_it(report):
    asked = job(report.get("asked", ""))
    worst = worst_case(asked)
    body = json.loads(report["body"])
    answered = report.get("answered", True)
    usage, cost = read_usage(asked, body["usage"], worst, answered=answered, tier=body.get("service_tier"))
    if report.get("worst"):
        assert (usage.input, usage.output, usage.estimated, cost) == (worst.input, worst.output, True, worst.cost)
        return
    assert usage == Usage(
        report["input"],
        report.get("output", 0),
        report.get("cached", 0),
        False,
        report.get("write", 0),
        report.get("tier", ""),
    )
    assert cost == Decimal(report["cost"]) * 10**6


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["name"])
def test_what_is_free_costs_nothing(report):
    body = json.loads(report["body"])
    for price in (None, Price(input=0, output=0)):
        free = job(price=price)
        _, cost = read_usage(free, body["usage"], worst_case(free), answered=True, tier=body.get("service_tier"))
        assert cost == 0


@pytest.mark.parametrize("tokens", [2**53, 2**53 - 1, 2**50])
def test_a_report_of_absurdly_many_tokens_costs_what_can_be_stored(tokens):
    """Five million dollars or more for one request: it is false, ends the budget, and must not end the run otherwise."""
    reported = {"prompt_tokens": tokens, "completion_tokens": tokens}
    usage, cost = read_usage(job(), reported, worst_case(job()), answered=True, tier=None)
    assert (usage.input, usage.output, usage.estimated) == (tokens, tokens, False)
    assert cost == 2**62
