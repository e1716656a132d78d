"""Bounds on the bytes of replies: of one, and of all that are being received, over all connections of the process."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import msgspec

SMALL_BYTES = 64 * 1024
"""Of one reply, received without asking: nearly all replies are smaller, and cost nothing here."""

MOST_BYTES = 64 * 1024 * 1024
"""Granted at once to replies beyond `SMALL_BYTES`, all connections together."""


class Grant:
    """A place in the queue for memory, and later the memory.

    Attributes:
        size: bytes, at most what the reply can still come to.
        held: whether it is granted.
    """

    __slots__ = ("held", "resume", "size")

    def __init__(self, size: int, resume: Callable[[], None]) -> None:
        self.size = size
        self.held = False
        self.resume = resume


class Intake:
    """Grants memory to large replies, first come, first served.

    A connection asks once, when its reply outgrows `SMALL_BYTES`, for all the bytes the reply may have. Until that is
    granted it stops reading, so the server waits (TCP's flow control). Because a grant is for the whole reply, a reply
    that has one needs nothing else to be finished: no two replies can wait for each other. One reply is always granted,
    however large its limit is, so the queue moves; none overtakes, so each waits at most for those before it, and
    every one of them ends within its own time limit. So at most

        connections x SMALL_BYTES + max(most, the largest limit of one reply)

    bytes of replies are held. Used by the event loop's thread only.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._granted = 0
        self._queue: dict[Grant, None] = {}

    @property
    def granted(self) -> int:
        """Bytes granted now."""
        return self._granted

    def ask(self, size: int, resume: Callable[[], None]) -> Grant:
        """Ask for memory; if it is not `held` on return, `resume` is called later, unless it is given back first."""
        grant = Grant(size, resume)
        if not self._queue and self._fits(grant):
            self._give(grant)
        else:
            self._queue[grant] = None
        return grant

    def give_back(self, grant: Grant) -> None:
        """The reply has been read, or is not wanted any more."""
        if grant.held:
            grant.held = False
            self._granted -= grant.size
        else:
            self._queue.pop(grant, None)
        while self._queue and self._fits(first := next(iter(self._queue))):
            del self._queue[first]
            self._give(first)
            first.resume()

    def _fits(self, grant: Grant) -> bool:
        return not self._granted or self._granted + grant.size <= self._most

    def _give(self, grant: Grant) -> None:
        grant.held = True
        self._granted += grant.size


INTAKE = Intake()
"""The process's own."""


class Allowance:
    """What one request's reply may come to.

    Args:
        limit: bytes of its body at most.
        intake: who grants memory for large ones.
    """

    __slots__ = ("_grant", "_intake", "limit")

    def __init__(self, limit: int, intake: Intake = INTAKE) -> None:
        self.limit = limit
        self._intake = intake
        self._grant: Grant | None = None

    @property
    def asked(self) -> bool:
        """Whether memory was asked for."""
        return self._grant is not None

    def ask(self, size: int, resume: Callable[[], None]) -> bool:
        """Ask for memory for the whole reply; if it is not granted at once, `resume` is called when it is."""
        self._grant = self._intake.ask(size, resume)
        return self._grant.held

    def release(self) -> None:
        """The reply has been read, or there is none."""
        grant, self._grant = self._grant, None
        if grant is not None:
            self._intake.give_back(grant)


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
    """Bytes a reply may have: beyond that, the server does not honor the limit it was sent.

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
