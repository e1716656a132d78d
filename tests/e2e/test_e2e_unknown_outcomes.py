"""What is charged without knowing whether it was billed is said, by the run and by the account, with what to do."""

import json

from counting_server import Answer, CountingServer
from driving import Tapc
from paid_spec import budget, paid, written

from tapc.jobs import Reply, Usage
from tapc.workspace.cache.verify import _decided


def test_a_run_and_the_account_explain_unknown_outcomes(tapc: Tapc) -> None:
    """Three connections break off; the server billed one of them. The correction takes the other two off."""
    broken = {2: True, 5: False, 9: False}

    def behave(asked) -> Answer:
        if asked.number in broken:
            return Answer(end="drop", bills=broken[asked.number])
        return Answer(delay=0.01)

    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, samples=12, endpoint="limit { concurrency 2 }"))
        done = tapc("run", spec, "--yes")
        run = json.loads((tapc.folder / "out" / "money" / "run.json").read_text(encoding="utf-8"))
        line = budget(tapc)
        assert run["spend"]["unknown_requests"] == line["unknown"]["requests"] == 3
        assert run["spend"]["unknown_usd"] == line["unknown"]["usd"] > 0
        said = " ".join(done.stdout.split())
        assert "for 3 requests whose outcome is unknown; `tapc budget adjust money` once the bill is known" in said
        again = tapc("run", spec, "--yes")
        assert "unknown" not in again.stdout, "that run had none"
        shown = " ".join(tapc("budget", "show").stdout.split())
        assert "for 3 requests whose outcome is unknown" in shown
        assert "tapc budget adjust money --cost -AMOUNT" in shown
        over = line["spent"]["usd"] - server.billed / 10**12
        assert over > 0
        tapc("budget", "adjust", "money", "--cost", f"-{over:.12f}", "--requests", "-2", "--reason", "the bill")
        assert round(budget(tapc)["spent"]["usd"] * 10**12) == server.billed
        tapc("cache", "verify")


def test_replies_that_a_newer_table_of_ends_decides_otherwise_are_listed(tapc: Tapc) -> None:
    """As if they had been stored by a version that did not know the words."""
    import asyncio

    from tapc.jobs import Draw, JobFactory, Message, Recipe
    from tapc.store import open_store

    factory = JobFactory(Recipe("s", "e", "m", "m", "real", b"{}", None, 0, False, 9, 1, 0, None))
    ends = {
        "stop": "ok", "MAX_TOKENS": "ok", "content_filter": "ok", "length": "ok", "half_past_nine": "ok",
        "eos": "ok", "end_turn": "length", "SAFETY": "filtered",
    }  # fmt: skip
    store = open_store(tapc.folder / ".tapc")
    run = store.account("d")
    pairs = [
        (
            factory.job((Message("user", word),), Draw(1, b"", n, 0, 0)),
            Reply(outcome, ("text",), Usage(1, 1), 0, model="m-1", finishes=(word,)),
        )
        for n, (word, outcome) in enumerate(ends.items())
    ]

    async def main() -> None:
        await run.keep(pairs)

    asyncio.run(main())
    store.close()
    found = json.loads(tapc("cache", "verify", "--json").stdout)["redecided"]
    now = {one["ended"]["words"][0]: (one["ended"]["outcome"], one["now"], one["keys"]) for one in found}
    keys = {word: [job.key.hex()] for word, (job, _) in zip(ends, pairs, strict=True)}
    assert now == {
        "MAX_TOKENS": ("ok", "length", keys["MAX_TOKENS"]),
        "content_filter": ("ok", "filtered", keys["content_filter"]),
        "length": ("ok", "length", keys["length"]),
        "half_past_nine": ("ok", "unknown", keys["half_past_nine"]),
        "end_turn": ("length", "ok", keys["end_turn"]),
    }
    shown = " ".join(tapc("cache", "verify").stdout.split())
    assert "1 reply of m-1 ended by 'content_filter', stored as ok: now filtered" in shown
    assert _decided("refusal", ["stop"]) is None, "what the text decided is not the word's to decide"
    assert _decided("invalid", ["length"]) is None
