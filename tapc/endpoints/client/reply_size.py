"""How large the reply to a request can be."""

from functools import lru_cache
from typing import Any, cast

import msgspec

_TOKEN_BYTES = 64
"""Of a reply for each token it may have: a token is four characters or so, escaped at worst, and some servers give
reasoning under two names."""

_LOGPROB_BYTES = 512
"""Of one token with its log probability and its bytes, indented."""

_INPUT_BYTES = 16
"""For each token of the prompt, which some servers echo, or give the numbers of."""

_REST_BYTES = 1_000_000
"""Everything else a server may add."""


@lru_cache(maxsize=1024)
def reply_bytes(output: int, given: int, parameters: bytes) -> int:
    """Bytes a reply may have: beyond that, the server does not honour the limit it was sent.

    Args:
        output: tokens all completions may have together, thinking included.
        given: tokens of the prompt at most.
        parameters: JSON text of what is sent with it; log probabilities make a reply much longer.
    """
    sent: Any = msgspec.json.decode(parameters) if b"logprobs" in parameters else {}
    wanted = cast("dict[str, Any]", sent if isinstance(sent, dict) else {})  # a program's command is a list
    size = output * (_TOKEN_BYTES + _LOGPROB_BYTES * _asked(wanted, "logprobs", "top_logprobs"))
    return size + given * (_INPUT_BYTES + _LOGPROB_BYTES * _asked(wanted, "prompt_logprobs")) + _REST_BYTES


def _asked(sent: dict[str, Any], *names: str) -> int:
    """Log probabilities asked of each token: of the token itself, and of so many others."""
    counts = [0 if value is True else value for name in names if isinstance(value := sent.get(name), int) and value > 0]
    return 1 + sum(counts) if counts else 0
