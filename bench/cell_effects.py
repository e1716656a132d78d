"""The simulated endpoint with effects that differ by cell: how often a text is too short, and what a judge gives.

What a request is about stands in its texts as marks, `[topic cells] [language sw] [style s3]`. Every value of a mark
has an effect of its own, drawn once per `kind` of request; their sum moves the share of texts that are too short,
scores, and rewards. The answer is a function of the request, as with any simulated endpoint.
"""

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from math import exp
from typing import Any

from tapc.sim import SimulatedEndpoint
from tapc.sim.draws import Draws, digest
from tapc.sim.server import SimServer
from tapc.sim.wire import SimResponse, encode

_MARK = re.compile(r"\[(topic|language|style) ([^\]\n]+)\]")
_SPREAD = {"topic": 0.6, "language": 0.4, "style": 0.15}
_LONG_ENOUGH = 1.4
"""Logit of the share of texts that are long enough, in a cell without effects."""
_SCORE, _SCORE_NOISE = 3.6, 0.8


class CellEffects(SimulatedEndpoint):
    """See the module."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> SimResponse:
        """Answer a request, with its effects."""
        response = super().handle(method, path, headers, body)
        if response.status != 200 or method != "POST":
            return response
        asked, answer = json.loads(body), json.loads(response.body)
        draws = Draws(digest(str(self._seed), body), b"effects")
        texts = " ".join(str(message["content"]) for message in asked.get("messages", ()))
        if "choices" in answer:
            message = answer["choices"][0]["message"]
            judges = "response_format" in asked
            shift = self._effect(texts, "judge" if judges else "write")
            if judges:
                content = json.loads(message["content"])
                message["content"] = json.dumps(_scored(content, shift, draws), ensure_ascii=False)
            elif draws.unit() > 1 / (1 + exp(-_LONG_ENOUGH - shift)):
                message["content"] = "No."
                answer["usage"]["total_tokens"] -= answer["usage"]["completion_tokens"] - 2
                answer["usage"]["completion_tokens"] = 2
        else:
            for one in answer["data"]:
                one["data"] = [round(one["data"][0] + 2 * self._effect(texts, "reward"), 6)]
        return SimResponse(response.status, response.headers, encode(answer))

    def _effect(self, texts: str, kind: str) -> float:
        marks = dict.fromkeys(_MARK.findall(texts))
        return sum(
            _SPREAD[name] * Draws(digest(str(self._seed), kind, name, value), b"effect").normal()
            for name, value in marks
        )


def _scored(content: Any, shift: float, draws: Draws) -> Any:
    """A verdict with other scores of 1 to 5."""
    if isinstance(content, dict):
        return {name: _scored(value, shift, draws) for name, value in content.items()}
    if isinstance(content, int) and not isinstance(content, bool):
        return min(5, max(1, round(_SCORE + shift + _SCORE_NOISE * draws.normal())))
    return content


@contextlib.contextmanager
def served(seed: int) -> Iterator[str]:
    """Serve it from a thread of this process; yields its base URL."""
    loop = asyncio.new_event_loop()
    server = SimServer(CellEffects(seed))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def called(coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=30)

    try:
        called(server.start("127.0.0.1", 0))
        yield server.url
        called(server.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
