"""Reads what a reply says of its tokens."""

import msgspec

from tapc.jobs import Job, Usage, WorstCase, usage_cost


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class ReportedUsage(msgspec.Struct):
    """Usage as a server reports it."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None


def read_usage(job: Job, reported: ReportedUsage | None, worst: WorstCase, *, answered: bool) -> tuple[Usage, int]:
    """Usage and its cost; where the server does not say, the worst case stands in."""
    if reported is None or reported.prompt_tokens is None:
        return Usage(worst.input, worst.output, 0, estimated=True), worst.cost
    given = reported.prompt_tokens
    total = reported.total_tokens
    made = reported.completion_tokens
    if made is None:
        made = 0 if total is None else total - given
    if total is not None and total - given > made:
        made = total - given  # some report hidden reasoning only in the total
    details = reported.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or reported.prompt_cache_hit_tokens or 0
    if given <= 0 or made < 0 or cached < 0 or (answered and made == 0):
        return Usage(worst.input, worst.output, 0, estimated=True), worst.cost
    usage = Usage(given, made, min(cached, given))
    return usage, usage_cost(job.recipe.price, usage)
