"""Tokens and money: the worst case of a job before it is sent, and the cost of what it used."""

from functools import lru_cache
from typing import Any, cast

import msgspec

from tapc.ir import Price, Sampling
from tapc.jobs.job import Job, Recipe
from tapc.jobs.reply import Usage
from tapc.jobs.tariff import TokenPrices, tariff_of

MESSAGE_OVERHEAD = 8
"""Most tokens of the role and delimiters of one message, in addition to the endpoint's declared overhead."""

FREE = TokenPrices(0, 0)


class WorstCase(msgspec.Struct, frozen=True, gc=False):
    """Upper bounds of one job: input and output tokens, and picodollars."""

    input: int
    output: int
    cost: int


def worst_case(job: Job, more: int = 0) -> WorstCase:
    """Bound the tokens and the cost of a job.

    A byte-level tokenizer makes at most one token per byte, and the output ends at the limit that is sent:

        input  = more + overhead + bytes(schema) + sum over messages of (MESSAGE_OVERHEAD + bytes(content))
        output = max_tokens * n
        cost   = input * rate(input) + output * rate(output)

    with the most expensive rates that can apply to an input of that length; see `Tariff.most`.

    Args:
        job: rendered job.
        more: input tokens that may be added when it is sent.
    """
    recipe = job.recipe
    size = more + recipe.overhead + (len(recipe.schema) if recipe.schema else 0)
    for message in job.messages:
        size += len(message.content.encode("utf-8", "surrogatepass")) + MESSAGE_OVERHEAD
    output = recipe.max_tokens * recipe.n
    most = most_rates(recipe, size)
    return WorstCase(size, output, size * most.input + output * most.output)


def most_rates(recipe: Recipe, size: int) -> TokenPrices:
    """The most expensive prices that can apply to a request of a recipe with at most `size` input tokens."""
    price = recipe.price
    return FREE if price is None else tariff_of(price).most(size, asked_tier(recipe.parameters))


def least_rates(recipe: Recipe) -> TokenPrices:
    """The cheapest prices that can apply to a request of a recipe."""
    price = recipe.price
    return FREE if price is None else tariff_of(price).least(asked_tier(recipe.parameters))


def usage_cost(price: Price | None, usage: Usage) -> int:
    """Picodollars for the usage, rounded up."""
    return 0 if price is None else tariff_of(price).cost(usage)


@lru_cache(maxsize=256)
def asked_tier(parameters: bytes) -> str:
    """The service tier that requests ask for by `extra { service_tier … }`; empty if they ask for none.

    Args:
        parameters: parameters of a recipe.
    """
    if b'"service_tier"' not in parameters:
        return ""
    sent = msgspec.json.decode(parameters)
    word = cast("dict[str, Any]", sent).get("service_tier") if isinstance(sent, dict) else None
    return word.lower() if isinstance(word, str) else ""


def sent_tier(step: Sampling, endpoint: Sampling) -> str:
    """The service tier that requests of a step ask an endpoint for, as `asked_tier` reads it from their recipe."""
    for extra in (step.extra, endpoint.extra):  # the step overrides the endpoint
        if extra is not None and '"service_tier"' in extra:
            return asked_tier(extra.encode())
    return ""
