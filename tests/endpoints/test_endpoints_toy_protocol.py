"""A protocol that this test makes up is spoken from a fold to a socket and back, by being passed in."""

import asyncio
import json
import os
from fractions import Fraction
from pathlib import Path

import msgspec

from tapc.endpoints import Answers
from tapc.endpoints.dispatch import Dispatcher
from tapc.endpoints.protocols import PROTOCOLS, EndpointProtocol
from tapc.endpoints.replies.unusual import Unreadable
from tapc.engine import Metered, Pipeline, Session, Silent, Work
from tapc.engine.programs import JobRouter, Programs
from tapc.ir import Budget, Endpoint, Price, Reserve
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply, Usage, tariff_of
from tapc.steps import Ask, Candidate, Generated, Origin, Short, SlotKey, SlotState
from tapc.store import open_store

PRICE = Price(input=3, output=7)


class Said(msgspec.Struct):
    words: list[str]
    bill: tuple[int, int]


class Telegraph:
    """Bodies are `{"to": model, "words": [...], "reply_within": N}`; a server may not know `reply_within`."""

    def __init__(self, recipe, capabilities, context):
        self.recipe, self.capabilities, self.context = recipe, capabilities, context
        self.limited = "reply_within" not in capabilities.refused

    def encode(self, job):
        limit = {"reply_within": self.recipe.max_tokens} if self.limited else {}
        return json.dumps({"to": self.recipe.model, "words": job.messages[0].content.split(), **limit}).encode()

    def read(self, job, body, worst, seconds, form):
        try:
            said = msgspec.json.decode(body, type=Said)
        except msgspec.MsgspecError as error:
            raise Unreadable(str(error)) from None
        usage = Usage(*said.bill)
        cost = tariff_of(self.recipe.price).cost(usage, "")
        return Reply("ok", (" ".join(said.words),), usage, cost, origin=self.context.origin, seconds=seconds)

    def adapt(self, said):
        if not (self.limited and "reply_within" in said):
            return False
        self.capabilities.refuse("reply_within", "it sets no limit")
        return True


TELEGRAPH = EndpointProtocol(name="telegraph", path=lambda base: f"{base}/wire", speaker=Telegraph)


class Step:
    """Asks one question per slot, in the made-up protocol."""

    name, reads, job_classes, most_candidates, decided_candidates = "answer", (), (), 1, 0

    def __init__(self):
        self.factory = JobFactory(
            Recipe("answer", "e", "desk", "desk", "real", b"{}", None, 0, False, 40, 1, 16, PRICE, kind="telegraph")
        )

    async def run(self, slot):
        job = self.factory.job((Message("user", f"is {slot.key.rank} odd"),), Draw(0, slot.key.cell, 0, 0, 0))
        reply = await Ask(job)
        if reply.outcome != "ok":
            return Short(self.name, reply.outcome)
        return Generated((Candidate(0, "e", "desk", reply.texts[0], None, "", job.messages, job.key, 0),))

    def view(self, result):
        return result.candidates[0].text


class Rows:
    def __init__(self):
        self.texts = {}

    def add(self, state, status):
        self.texts[state.key.rank] = (status, state.results["answer"].candidates[0].text)

    def visit(self, job, reply, slot):
        pass


async def run(url, folder):
    """A run of twelve slots; its rows, what was told on the way, and what it spent."""
    store, rows, told = open_store(folder), Rows(), []
    try:
        account = store.account("d", Budget(), None)
        answers = Answers()
        endpoint = Endpoint(name="e", model="desk", urls=(url,), price=PRICE)
        dispatcher = Dispatcher(
            [endpoint], account, answers, environ={}, note=told.append, protocols=(*PROTOCOLS, TELEGRAPH)
        )
        slots = [SlotKey(bytes([rank] * 16), 0, rank, 0, (), Origin(bytes([rank] * 16), 0)) for rank in range(12)]
        work = Work(
            "d", Pipeline([Step()], ["answer"]), slots, 12, lambda _: 1, Reserve(share=Fraction(0)), lambda key: SlotState(key, {}, {}),
            (("answer", 12),), None,
        )  # fmt: skip

        async def start():
            assert await dispatcher.start() == []

        sender = JobRouter(dispatcher, Programs(account, answers, folder=Path.cwd(), environ=os.environ), start)
        result = await Session(work, store, rows, Silent()).live(sender, answers, Metered)
        await dispatcher.drain()
        await dispatcher.aclose()
        account.close()
        return result, rows.texts, told, account.totals().run_spent
    finally:
        store.close()


def test_a_made_up_protocol_is_spoken_end_to_end(wire, tmp_path):
    asked = []

    async def serve(request, _):
        if request.method == "GET":
            return wire.http(200, {"data": []})
        asked.append(request)
        body = request.json
        if "reply_within" in body:
            return wire.http(422, {"error": {"message": "unknown field reply_within"}})
        return wire.http(200, {"words": ["yes" if int(body["words"][1]) % 2 else "no"], "bill": [5, 2]})

    async def main():
        async with wire.Loopback(serve) as server:
            first = await run(server.url, tmp_path / "store")
            sent = len(asked)
            return first, await run(server.url, tmp_path / "store"), sent

    (result, texts, told, spent), again, sent = asyncio.run(main())
    assert result.accepted == 12 and result.failures == {}
    assert texts == {rank: ("accepted", "yes" if rank % 2 else "no") for rank in range(12)}
    assert {(r.method, r.target) for r in asked} == {("POST", "/v1/wire")}
    assert asked[0].json == {"to": "desk", "words": ["is", "0", "odd"], "reply_within": 40}
    assert told == ["endpoint 'e': it sets no limit"]
    assert (spent.cost, spent.tokens) == (12 * (5 * 3 + 2 * 7), 12 * 7)
    assert again[1] == texts and again[3].cost == 0 and sent == len(asked), "the second run reads what is stored"
