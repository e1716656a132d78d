"""A server that says the same to the same request, however often and in whatever order it is asked, and bills each time.

What it says is a function of the request alone, so that an undisturbed run and a disturbed one can be compared byte by
byte. What goes wrong on the way is decided per request by `trouble`, and never changes what is said.
"""

import asyncio
import contextlib
import json
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable

from billing import Billing
from counting_server import Answer, Asked, Charge, CountingServer
from torture_specs import TIERED

WORDS = [
    "amber",
    "basin",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "glade",
    "harbor",
    "island",
    "jetty",
    "kelp",
    "lagoon",
    "meadow",
    "north",
    "orchard",
    "prairie",
    "quarry",
    "river",
    "summit",
    "tundra",
    "upland",
    "valley",
    "willow",
    "yonder",
    "zephyr",
    "anchor",
    "bridge",
    "canyon",
    "dune",
    "estuary",
    "forest",
    "gorge",
    "heath",
    "inlet",
]

Trouble = Callable[[Asked], Answer | None]


def calm(_: Asked) -> Answer | None:
    """Nothing goes wrong."""
    return None


def text_of(asked: Asked) -> str:
    """Prose of twelve words that ends with the job; of one job in 25 the same sentence, of one in 25 a refusal."""
    number = int(asked.job, 16)
    if "response_format" in asked.body:
        return json.dumps({"rationale": f"job {asked.job}", "quality": 1 + number % 5})
    if number % 25 == 0:
        return "The same sentence about rivers and valleys, once more and again."
    if number % 25 == 1:
        return "I'm sorry, but I can't help with that."
    picked = random.Random(number).choices(WORDS, k=12)
    return f"{' '.join(picked).capitalize()}. Job {asked.job}"


class TortureServer(CountingServer):
    """Use as a context manager.

    Attributes:
        trouble: what goes wrong with a request, None for nothing.
        pace: seconds before each answer.
        answered: jobs that were answered in full, with how often.
    """

    def __init__(self) -> None:
        super().__init__(self._decide)
        self.trouble: Trouble = calm
        self.pace = 0.01
        self.answered: Counter[str] = Counter()

    def _decide(self, asked: Asked) -> Answer:
        answer = self.trouble(asked) or Answer()
        answer.delay += self.pace
        if answer.text is None:
            answer.text = text_of(asked)
        return answer

    def charge(self, asked: Asked, given: int, made: int) -> Charge:
        """By request alone, as the reply is: half of the tiered ones write to a cache, half find room for flex."""
        if asked.body["model"] != "tiered":
            return super().charge(asked, given, made)
        number = int(asked.job, 16)
        return Billing(TIERED, block=16 * (number % 2), seed=number).charge(asked.body, given, made)

    async def _answer(self, asked: Asked, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        goes_on = await super()._answer(asked, answer, writer)
        if answer.status == 200 and answer.end in ("whole", "twice"):
            self.answered[asked.job] += 1
        return goes_on

    async def _write(self, message: bytes, end: str, writer: asyncio.StreamWriter) -> None:
        """Three more ends: `twice` (the answer once more), `headers` (without end), `reset` (in the middle, by force)."""
        if end == "twice":
            writer.write(message + message)
        elif end == "headers":
            writer.write(b"HTTP/1.1 200 OK\r\n")
            with contextlib.suppress(ConnectionError):
                for number in range(100_000):
                    writer.write(b"x-more-%d: %s\r\n" % (number, b"y" * 80))
                    await writer.drain()
        elif end == "reset":
            writer.write(message[: len(message) // 2])
            with contextlib.suppress(OSError):
                plain = writer.get_extra_info("socket")
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        else:
            await super()._write(message, end, writer)
            return
        await writer.drain()
