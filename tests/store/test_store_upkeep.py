"""Counting, collecting, moving and correcting."""

import asyncio
import hashlib
import sqlite3

import msgspec
import pytest
import zstandard

from tapc.ir import Budget, Ceiling
from tapc.store import (
    Amount,
    Claim,
    StoreError,
    accounts,
    adjust,
    all_keys,
    collect,
    export_replies,
    import_replies,
    open_store,
    stats,
    verify,
)


def fill(store, made, numbers, text="the text of {}"):
    async def main(run):
        async def one(number):
            claim = await run.claim(made.job(number), made.worst())
            await run.settle(claim, made.reply(text.format(number)))

        await asyncio.gather(*(one(number) for number in numbers))

    run = store.account("d", Budget(total=Ceiling(cost=10**9)))
    asyncio.run(main(run))
    run.close()


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "a")
    yield store
    store.close()


@pytest.fixture
def other(tmp_path):
    store = open_store(tmp_path / "b")
    yield store
    store.close()


def test_stats_count_by_origin(store, made):
    fill(store, made, range(5))
    found = stats(store)
    assert (found.replies, found.outcomes) == (5, (("ok", 5),))
    (source,) = found.sources
    assert (source.realm, source.model, source.origin, source.imported) == (
        "real",
        "m-1",
        "http://127.0.0.1:9/v1",
        False,
    )
    assert (source.input_tokens, source.output_tokens, source.cost) == (200, 100, 500_000)


def test_collecting_keeps_what_is_named_and_never_touches_the_ledger(store, made):
    fill(store, made, range(400), "x" * 3000 + "{}")
    before = accounts(store)
    result = collect(store, (made.job(number).key for number in range(0, 400, 40)))
    assert (result.kept, result.removed, result.cost) == (10, 390, 39_000_000)
    assert store.contains(made.job(number).key for number in range(400)) == {
        made.job(number).key for number in range(0, 400, 40)
    }
    assert accounts(store) == before
    assert verify(store).sound
    fill(store, made, [1])


def test_nothing_is_collected_while_a_run_lives(store, made):
    fill(store, made, range(3))
    run = store.account("d")
    with pytest.raises(StoreError) as caught:
        collect(store, [])
    assert caught.value.code == "TAP856"
    run.close()
    assert collect(store, []).removed == 3


def test_replies_move_to_another_store_marked_and_free(tmp_path, store, other, made):
    fill(store, made, range(300))
    file = tmp_path / "replies"
    assert export_replies(store, all_keys(store), file).replies == 300
    again = tmp_path / "again"
    export_replies(store, reversed(all_keys(store)), again)
    assert file.read_bytes() == again.read_bytes()
    result = import_replies(other, file)
    assert (result.added, result.known, result.conflicts) == (300, 0, ())
    keys = all_keys(store)
    assert other.get(keys) == store.get(keys)
    assert stats(other).sources[0].imported
    assert accounts(other) == []
    assert import_replies(other, file).known == 300
    third = tmp_path / "third"
    export_replies(other, keys, third)
    assert third.read_bytes() == file.read_bytes()


def test_the_first_reply_wins_and_conflicts_are_listed(tmp_path, store, other, made):
    fill(store, made, range(3))
    fill(other, made, range(1, 5), "another {}")
    export_replies(store, all_keys(store), tmp_path / "f")
    result = import_replies(other, tmp_path / "f")
    assert (result.added, result.known) == (1, 0)
    assert result.conflicts == (made.job(1).key, made.job(2).key)
    assert other.get([made.job(1).key])[made.job(1).key].texts == ("another 1",)


def test_a_job_under_way_is_not_imported(tmp_path, store, other, made):
    fill(store, made, [1])
    export_replies(store, all_keys(store), tmp_path / "f")

    async def main():
        claim = await other.account("d").claim(made.job(1), made.worst())
        assert isinstance(claim, Claim)
        return import_replies(other, tmp_path / "f")

    assert asyncio.run(main()).busy == (made.job(1).key,)


def export_of(*records, digest=None):
    data = b"tapc.replies/1\n"
    for record in records:
        body = msgspec.msgpack.encode(record)
        data += len(body).to_bytes(4, "big") + body
    return data + bytes(4) + (digest or hashlib.sha256(data).digest())


def packed(reply, **options):
    return zstandard.ZstdCompressor(**options).compress(msgspec.msgpack.encode(reply))


def test_what_nobody_vouches_for_is_checked_before_anything_is_added(tmp_path, store, other, made):
    fill(store, made, range(3))
    file = tmp_path / "f"
    export_replies(store, all_keys(store), file)
    good = file.read_bytes()
    key, reply = bytes(32), made.reply()
    bad = {
        "cut": good[:-40],
        "no end": good[:-36],
        "longer": good + b"x",
        "flipped": good[:60] + bytes([good[60] ^ 1]) + good[61:],
        "other": b"PK" + good,
        "empty": b"",
        "order": export_of([b"b" * 32, "real", 0, packed(reply)], [b"a" * 32, "real", 0, packed(reply)]),
        "twice": export_of([b"a" * 32, "real", 0, packed(reply)], [b"a" * 32, "real", 0, packed(reply)]),
        "short key": export_of([b"b" * 31, "real", 0, packed(reply)]),
        "realm": export_of([key, "dream", 0, packed(reply)]),
        "no reply": export_of([key, "real", 0, packed({"outcome": "ok"})]),
        "no frame": export_of([key, "real", 0, b"hello"]),
        "no size": export_of([key, "real", 0, packed(reply, write_content_size=False)]),
        "bomb": export_of([key, "real", 0, packed(made.reply("x" * (70 << 20)))]),
        "outcome": export_of([key, "real", 0, packed(made.reply(outcome="fine"))]),
        "negative": export_of([key, "real", 0, packed(made.reply(tokens_in=-5))]),
        "huge": export_of([key, "real", 0, packed(made.reply(tokens_in=2**63))]),
    }
    for name, data in bad.items():
        file.write_bytes(data)
        with pytest.raises(StoreError) as caught:
            import_replies(other, file)
        assert caught.value.code == "TAP857", name
        assert all_keys(other) == [], name
    file.write_bytes(good)
    with pytest.raises(StoreError) as caught:
        import_replies(other, file, max_bytes=30)
    assert caught.value.code == "TAP858"


def test_a_damaged_reply_is_left_out_of_an_export_and_named(tmp_path, store, other, made):
    fill(store, made, range(3))
    with sqlite3.connect(store.folder / "store.db") as database:
        database.execute("UPDATE replies SET value = zeroblob(20) WHERE key = ?", (made.job(1).key,))
    done = export_replies(store, all_keys(store), tmp_path / "f")
    assert (done.replies, done.damaged) == (2, (made.job(1).key,))
    assert import_replies(other, tmp_path / "f").added == 2


def test_credentials_in_an_imported_origin_are_dropped(tmp_path, other, made):
    reply = msgspec.structs.replace(made.reply(), origin="https://me:secret@host.example/v1?key=secret")
    (tmp_path / "f").write_bytes(export_of([bytes(32), "real", 0, packed(reply)]))
    assert import_replies(other, tmp_path / "f").added == 1
    assert other.get([bytes(32)])[bytes(32)].origin == "https://host.example/v1"


def test_corrections_are_kept_with_their_reason(store, made):
    fill(store, made, range(2))
    assert adjust(store, "d", Amount(cost=-50_000), reason="refunded").cost == 150_000
    assert store.spent("d").cost == 150_000
    assert adjust(store, "d", Amount(cost=5), reason="a tip", kind="step", name="write").cost == 200_005
    assert [(entry.event, entry.note) for entry in accounts(store)[0].journal] == [
        ("adjust", "a tip"),
        ("adjust", "refunded"),
    ]
    assert adjust(store, "new", Amount(cost=7), reason="from another store").cost == 7
    for amount, kind, name, reason in (
        (Amount(cost=-(10**9)), "dataset", "", "too much"),
        (Amount(cost=1), "step", "none", "no such step"),
        (Amount(cost=1), "dataset", "", " "),
    ):
        with pytest.raises(StoreError) as caught:
            adjust(store, "d", amount, reason=reason, kind=kind, name=name)
        assert caught.value.code == "TAP859"


def test_a_correction_counts_for_a_run_under_way(store, made):
    async def main():
        run = store.account("d", Budget(total=Ceiling(cost=1_000_000)))
        adjust(store, "d", Amount(cost=900_000), reason="spent elsewhere")
        return await run.claim(made.job(1), made.worst())

    assert asyncio.run(main()).spent == 900_000


def test_runs_of_one_second_are_listed_latest_first(store):
    names: list[str] = []
    for _ in range(12):
        run = store.account("d")
        names.append(run.id)
        run.close()
    (account,) = accounts(store)
    assert [run.id for run in account.runs] == names[::-1]


def test_accounts_show_ceilings_runs_and_what_is_unknown(store, made):
    async def main(run):
        await run.unknown(await run.claim(made.job(1), made.worst()))

    budget = Budget(total=Ceiling(cost=10**9), steps=(("write", Ceiling(tokens=1000)),))
    run = store.account("d", budget)
    asyncio.run(main(run))
    (account,) = accounts(store)
    assert [(line.kind, line.name) for line in account.lines] == [
        ("dataset", "d"),
        ("step", "write"),
        ("endpoint", "pen"),
    ]
    assert account.lines[0].unknown == Amount(400_000, 0, 1)
    assert account.lines[0].ceiling == Ceiling(cost=10**9)
    assert account.lines[1].ceiling == Ceiling(tokens=1000)
    assert (account.runs[0].id, account.runs[0].ended, account.runs[0].spent.cost) == (run.id, None, 400_000)
