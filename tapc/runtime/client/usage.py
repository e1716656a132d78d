"""Reads what a reply says of its tokens."""

from typing import Any, cast

from tapc.jobs import Job, Usage, WorstCase, usage_cost

MOST_TOKENS = 2**53
"""The largest count that is believed; JSON numbers above it are not exact everywhere, and no request uses so many."""


def read_usage(job: Job, reported: object, worst: WorstCase, *, answered: bool) -> tuple[Usage, int]:
    """Usage and its cost; where the server does not say, or says something unreadable, the worst case stands in.

    Nothing in `reported` can make this fail: a paid text is never lost to an odd count.

    Args:
        job: what was asked.
        reported: the decoded `usage` of the body, whatever it is; None where there is none.
        worst: bounds of the job.
        answered: whether any text came back, so that no output tokens at all cannot be true.
    """
    unread = Usage(worst.input, worst.output, 0, estimated=True), worst.cost
    if not isinstance(reported, dict):
        return unread
    fields = cast("dict[str, Any]", reported)
    given = count(fields.get("prompt_tokens"))
    if given is None:
        return unread
    total = count(fields.get("total_tokens"))
    made = count(fields.get("completion_tokens"))
    if made is None:
        if fields.get("completion_tokens") is not None:
            return unread
        made = 0 if total is None else total - given
    if total is not None and total - given > made:
        made = total - given  # some report hidden reasoning only in the total
    details: Any = fields.get("prompt_tokens_details")
    cached = count(details.get("cached_tokens")) if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    cached = cached or count(fields.get("prompt_cache_hit_tokens")) or 0
    if given <= 0 or made < 0 or (answered and made == 0):
        return unread
    usage = Usage(given, made, min(cached, given))
    return usage, usage_cost(job.recipe.price, usage)


def count(value: object) -> int | None:
    """A number of tokens: a whole number from 0 to 2^53, which JSON may write as `12.0`; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS:
        return value
    return None
