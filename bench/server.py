"""A loopback chat server with very low cost, so that clients can be measured against it.

It prints its port and answers every request with one text, or with texts of random words; `GET /count` returns the
number of requests so far, `GET /times` their arrival times (and forgets them).
"""

import argparse
import asyncio
import json
import random
import time
from array import array

_TEXT = "word " * 80


def _body(text):
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "bench",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 60, "completion_tokens": 80, "total_tokens": 140},
        },
    ).encode()


def _answer(body):
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


BODY = _body(_TEXT)
ANSWER = _answer(BODY)
_SLOT = b"@@TEXT@@"


class Texts:
    """Answers of 40 random words; a share of them repeats one of sixteen texts."""

    def __init__(self, duplicates):
        self._chance = random.Random(1)
        self._words = ["".join(self._chance.choices("etaoinshrdlu", k=9)) for _ in range(3000)]
        self._same = [self._text() for _ in range(16)]
        self._duplicates = duplicates
        size = len(self._same[0])
        self._head, self._tail = _answer(_body(_SLOT.decode().ljust(size))).split(_SLOT.ljust(size))

    def _text(self):
        return " ".join(self._chance.choices(self._words, k=40)).encode()

    def __call__(self):
        same = self._chance.random() < self._duplicates
        return self._head + (self._chance.choice(self._same) if same else self._text()) + self._tail


class Server(asyncio.Protocol):
    """One connection.

    Attributes:
        delay: seconds before each answer.
        tail: (share, seconds): share of the requests that take so long instead.
        texts: makes answers; None for a constant answer.
        count: number of requests answered or being answered.
        times: arrival times, in seconds.
    """

    delay = 0.0
    tail = (0.0, 0.0)
    texts = None
    count = 0
    times = array("d")

    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while True:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            at = self.buffer.lower().find(b"content-length:", 0, head)
            length = int(self.buffer[at + 15 : self.buffer.index(b"\r", at)]) if at >= 0 else 0
            if len(self.buffer) < head + 4 + length:
                return
            start, self.buffer = self.buffer[:11], self.buffer[head + 4 + length :]
            self._serve(start)

    def _serve(self, start):
        if start.startswith(b"GET"):
            self.transport.write(_answer(self._told(start)))
            return
        Server.count += 1
        self.times.append(time.monotonic())
        answer = ANSWER if self.texts is None else self.texts()
        share, seconds = self.tail
        delay = seconds if share and random.random() < share else self.delay
        if delay:
            asyncio.get_running_loop().call_later(delay, self._write, answer)
        else:
            self.transport.write(answer)

    def _told(self, start):
        if start.startswith(b"GET /count"):
            return b"%d" % Server.count
        if start.startswith(b"GET /times"):
            times, Server.times = Server.times, array("d")
            return json.dumps(times.tolist()).encode()
        return b'{"data":[]}'

    def _write(self, answer):
        if not self.transport.is_closing():  # the client may have been killed meanwhile
            self.transport.write(answer)


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--tail", type=float, nargs=2, default=(0.0, 0.0), metavar=("SHARE", "SECONDS"))
    parser.add_argument("--duplicates", type=float, help="answer with random words, and repeat this share")
    options = parser.parse_args()
    Server.delay, Server.tail = options.delay, tuple(options.tail)
    if options.duplicates is not None:
        texts = Texts(options.duplicates)
        Server.texts = staticmethod(texts)
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import contextlib

    with contextlib.suppress(KeyboardInterrupt):
        try:
            import uvloop
        except ImportError:
            asyncio.run(main())
        else:
            uvloop.run(main())
