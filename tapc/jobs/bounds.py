"""Tokens and money: the worst case of a job before it is sent, and the cost of what it used."""

import msgspec

from tapc.ir import Price
from tapc.jobs.job import Job
from tapc.jobs.reply import Usage

MESSAGE_OVERHEAD = 8
"""Tokens a chat template may spend on one message's role and delimiters, beside the endpoint's declared overhead."""


class WorstCase(msgspec.Struct, frozen=True, gc=False):
    """Upper bounds of one job: input and output tokens, and picodollars."""

    input: int
    output: int
    cost: int


def worst_case(job: Job) -> WorstCase:
    """Bound a job: a byte-level tokenizer makes at most one token of a byte, and output is at most the limit sent."""
    recipe = job.recipe
    size = recipe.overhead + (len(recipe.schema) if recipe.schema else 0)
    for message in job.messages:
        size += len(message.content.encode("utf-8", "surrogatepass")) + MESSAGE_OVERHEAD
    output = recipe.max_tokens * recipe.n
    price = recipe.price
    cost = 0 if price is None else size * max(price.input, price.cached_input or 0) + output * price.output
    return WorstCase(size, output, cost)


def usage_cost(price: Price | None, usage: Usage) -> int:
    """Picodollars for what was used. Prices are whole picodollars a token, so nothing is rounded."""
    if price is None:
        return 0
    cached = min(usage.cached, usage.input) if price.cached_input is not None else 0
    return (usage.input - cached) * price.input + cached * (price.cached_input or 0) + usage.output * price.output
