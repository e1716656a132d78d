"""What came of a job."""

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
        estimated: whether the endpoint did not report usage and the worst case stands here.
        cache_write: input tokens written to the provider's prompt cache.
        tier: service tier that served the request, as the endpoint names it; empty where it does not say.
    """

    input: int
    output: int
    cached: int = 0
    estimated: bool = False
    cache_write: int = 0
    tier: str = ""


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A stored reply. Only these outcomes advance attempts; a request that never got a reply has none.

    Attributes:
        outcome: `ok`, `length` (truncated), `refusal`, `filtered`, `invalid` (does not meet its schema), `leak`
            (echoed a secret; the text is discarded), `gave_up` (recorded by the user's wish).
        texts: one completion for each `n`; JSON text for structured output.
        reasoning: hidden reasoning where the endpoint gives it, parallel to `texts`, or empty.
        usage: tokens.
        cost: picodollars, at the price frozen when it was asked.
        model, fingerprint: as the server returned them.
        origin: base URL it came from (`sim:` for the embedded endpoint), never with credentials or query.
        seconds: from request to reply.
        finishes: the words by which the endpoint ended each completion, as received, parallel to `texts`; empty where
            it gave none.
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
