"""The corpus of replies, each played by a server on a loopback socket, through the dispatcher and the client."""

import asyncio
import gzip
import json
import os
import tempfile
import tomllib
import zlib
from contextlib import ExitStack
from pathlib import Path

import pytest
import zstandard
from reply_server import ReplyServer

from tapc.endpoints import Answers
from tapc.endpoints.dispatch import Dispatcher, Policy
from tapc.ir import Budget, Endpoint, Price, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply, worst_case
from tapc.store import open_store

CORPUS = tomllib.loads((Path(__file__).parent / "replies.toml").read_text(encoding="utf-8"))["reply"]
FIELDS = {
    "name", "body", "message", "finish", "usage", "status", "headers", "form", "asks", "n", "right", "texts",
    "thoughts", "finishes", "charged", "requests", "odd",
}  # fmt: skip
FILL = {"@DEEP@": "[" * 3000 + "]" * 3000, "@DIGITS@": "7" * 5000}
SCHEMA = b'{"type":"object","properties":{"title":{"type":"string"}},"required":["title"]}'
PRICE = Price(input=2, output=10)
USAGE = '{"prompt_tokens": 20, "completion_tokens": 30, "total_tokens": 50}'
QUICK = Policy(tries=4, backoff_seconds=0.001, backoff_limit=0.01, patience_seconds=20.0, probe_seconds=2.0, trip=9)


def test_the_corpus_is_well_formed():
    assert len(CORPUS) >= 120
    assert len({entry["name"] for entry in CORPUS}) == len(CORPUS)
    for entry in CORPUS:
        assert entry.keys() <= FIELDS, entry["name"]
        assert ("body" in entry) != ("message" in entry), entry["name"]


def shaped(plain, form):
    """A body as the wire carries it."""
    deflate = zlib.compressobj(wbits=-15)
    return {
        "": lambda: plain,
        "gzip": lambda: gzip.compress(plain),
        "zlib": lambda: zlib.compress(plain),
        "deflate": lambda: deflate.compress(plain) + deflate.flush(),
        "zstd": lambda: zstandard.compress(plain),
        "bom": lambda: b"\xef\xbb\xbf" + plain,
        "utf-16": lambda: plain.decode().encode("utf-16"),
        "latin-1": lambda: plain.decode().encode("latin-1"),
        "noise": lambda: b"\x8b" + os.urandom(80),
        "bomb": lambda: gzip.compress(b" " * 80_000_000),
    }[form]()


def answer_of(entry):
    body = entry.get("body")
    if body is None:
        finish, usage = entry.get("finish", '"stop"'), entry.get("usage", USAGE)
        body = (
            '{"id": "x", "model": "m-1", "choices": [{"index": 0, "message": '
             f'{entry["message"]}, "finish_reason": {finish}' + '}], "usage": ' + usage + "}"
        )  # fmt: skip
    for mark, text in FILL.items():
        body = body.replace(mark, text)
    raw = shaped(body.encode(), entry.get("form", ""))
    headers = {"content-type": "application/json"} | entry.get("headers", {})
    return entry.get("status", 200), tuple(headers.items()), raw


def job_of(entry):
    asks = entry.get("asks", "text")
    n = entry.get("n", 1)
    parameters = {"max_tokens": 64} | ({"n": n} if n > 1 else {})
    recipe = Recipe(
        step="s", endpoint="e", model="m", identity="m", realm="real", parameters=json.dumps(parameters).encode(),
        schema=SCHEMA if asks == "json" else None, draw_group=0, seeded=False, max_tokens=64, n=n, overhead=64, price=PRICE,
        kind="score" if asks == "score" else "chat",
    )  # fmt: skip
    return JobFactory(recipe).job((Message("user", "Write one fact."),), Draw(0, b"c" * 16, 0, 0, 0))


def play(entry):
    """What the job comes to, what the run counted as odd, and how many requests the server saw."""
    made, job = answer_of(entry), job_of(entry)

    async def ask(url):
        answers = Answers()
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            store = open_store(Path(folder) / "store")
            stack.callback(store.close)
            account = store.account("d", Budget())
            stack.callback(account.close)
            endpoint = Endpoint(name="e", model="m", urls=(url,), price=PRICE, transport=Transport(timeout_seconds=10))
            dispatcher = Dispatcher([endpoint], account, answers, environ={}, policy=QUICK)
            assert await dispatcher.start() == []
            dispatcher.submit(job)
            async with asyncio.timeout(100):
                await dispatcher.drain()
            odd = dispatcher.oddities.get("e", {})
            await dispatcher.aclose()
        ((_, result),) = answers.take()
        return result, odd

    with ReplyServer(lambda _: made) as server:
        result, odd = asyncio.run(ask(server.url))
        return result, odd, len(server.asked), job


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry["name"])
def test_reply(entry):
    result, odd, requests, job = play(entry)
    if entry.get("requests") != "any":
        assert requests == entry.get("requests", 1)
    if not isinstance(result, Reply):
        assert result.reason == entry["right"], result
        return
    assert result.outcome == entry["right"], result
    if "texts" in entry:
        assert list(result.texts) == entry["texts"]
    assert list(result.reasoning) == entry.get("thoughts", [])
    if "finishes" in entry:
        assert list(result.finishes) == entry["finishes"]
    if "odd" in entry:
        assert sorted(odd) == sorted(entry["odd"])
    charge(entry.get("charged", "reported"), result, job)


def charge(right, reply, job):
    """The bill: 20 and 30 tokens as reported, the worst case, or nothing for a complete refusal."""
    reported, worst = 20 * PRICE.input + 30 * PRICE.output, worst_case(job).cost
    if right == "reported":
        assert (reply.cost, reply.usage.estimated) == (reported, False)
    elif right == "worst":
        assert reply.cost >= worst and reply.usage.estimated
    elif right == "nothing":
        assert reply.cost == 0
    elif right == "worst-or-reported":
        assert reply.cost in (reported, worst)
