"""A server of exact speed: some slots, each with so many tokens a second; what has no slot waits, first come first."""

import asyncio
import time

from counting_server import Answer, Asked, CountingServer


class SlowServer(CountingServer):
    """Answers with as many tokens as it is told, as late as such a server would.

    Args:
        slots: requests it works on at once.
        speed: tokens a second of one slot.
        tokens: of each reply.

    Attributes:
        peak: most requests it had at once.
    """

    def __init__(self, slots: int, speed: float, tokens: int) -> None:
        super().__init__(self._late)
        self._free = [0.0] * slots
        self._speed = speed
        self._tokens = tokens
        self._here = 0
        self.peak = 0

    def _late(self, asked: Asked) -> Answer:
        self._here += 1
        self.peak = max(self.peak, self._here)
        slot = min(range(len(self._free)), key=self._free.__getitem__)
        now = time.monotonic()
        self._free[slot] = max(now, self._free[slot]) + self._tokens / self._speed
        words = " ".join(f"w{asked.number}x{i}" for i in range(8))
        return Answer(text=words, usage=(20, self._tokens), delay=self._free[slot] - now)

    async def _answer(self, asked: Asked, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        self._here -= 1
        return await super()._answer(asked, answer, writer)
