"""The results of jobs."""

from typing import Literal

import msgspec

Outcome = Literal["ok", "length", "refusal", "filtered", "invalid", "leak", "gave_up"]
OUTCOMES: tuple[Outcome, ...] = ("ok", "length", "refusal", "filtered", "invalid", "leak", "gave_up")


class Usage(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Tokens as the endpoint reported them.

    Attributes:
        input: all input tokens, cached ones included.
        output: all output tokens, hidden reasoning included.
        cached: input tokens served from the provider's prompt cache.
        estimated: whether these numbers are the worst case, because the endpoint did not report usage.
        cache_write: input tokens written to the provider's prompt cache.
        tier: service tier that served the request, as the endpoint names it; empty if it names none.
    """

    input: int
    output: int
    cached: int = 0
    estimated: bool = False
    cache_write: int = 0
    tier: str = ""


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A stored reply. Only these outcomes use up an attempt; a request that never got a reply has no outcome.

    Attributes:
        outcome: `ok`, `length` (truncated), `refusal`, `filtered`, `invalid` (does not match its schema), `leak`
            (repeated a secret; the text is discarded), `gave_up` (recorded at the request of the user).
        texts: one completion for each of `n`; JSON text for structured output.
        reasoning: hidden reasoning, if the endpoint returns it, parallel to `texts`, or empty.
        usage: tokens.
        cost: picodollars, at the price at the time of the request.
        model, fingerprint: as the server returned them.
        origin: base URL of the endpoint (`sim:` for the embedded endpoint), never with credentials or query.
        seconds: time from request to reply.
        finishes: finish reason of each completion, as received, parallel to `texts`; empty if there were none.
    """

    outcome: Outcome
    texts: tuple[str, ...]
    usage: Usage
    cost: int
    reasoning: tuple[str, ...] = ()
    model: str = ""
    fingerprint: str = ""
    origin: str = ""
    seconds: float = 0.0
    finishes: tuple[str, ...] = ()
