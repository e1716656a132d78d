"""What a reply's row keeps beside the reply: the parts of its key, the words that ended it, checksums."""

import asyncio
import sqlite3

import msgspec
import pytest

from tapc.jobs import Draw, JobFactory, Message, PartsMaker, read_parts
from tapc.store import all_keys, export_replies, import_replies, open_store, verify

NUMBERS = range(4)


def jobs(made):
    factory = JobFactory(made.recipe())
    return [factory.job((Message("user", f"ask {n}"),), Draw(7, b"c" * 16, n, 1, 2)) for n in NUMBERS]


def parts(store, made):
    """What is kept of the keys of the jobs' draws."""
    return {origin.key: origin.parts for job in jobs(made) for origin in store.of_draw(job.draw)}


def filled(folder, made):
    """One settled, one given up, one kept (as programs' answers are), one asked without a draw that is known."""
    store = open_store(folder)
    run = store.account("d")
    first, second, third, fourth = jobs(made)
    fourth = msgspec.structs.replace(fourth, draw=None)
    ends = [("stop",), ("weird word",), ("length", "stop", "stop"), ()]
    one, _, three, four = (msgspec.structs.replace(made.reply(), finishes=words) for words in ends)

    async def main():
        await run.settle(await run.claim(first, made.worst()), one)
        await run.give_up(second)
        await run.keep([(third, three)])
        await run.settle(await run.claim(fourth, made.worst()), four)

    asyncio.run(main())
    run.close()
    return store


def test_parts_are_those_of_the_job_whatever_way_a_reply_came(tmp_path, made):
    store = filled(tmp_path / "a", made)
    maker = PartsMaker()
    first, second, third, _ = jobs(made)
    expected = {job.key: read_parts(maker(job)) for job in (first, second, third)}
    assert parts(store, made) == expected, "of the fourth they were not known"
    (origin,) = store.of_draw(third.draw)
    assert (origin.key, origin.parts.ordinal) == (third.key, 2)
    assert (origin.realm, origin.model) == ("real", made.reply().model)
    export_replies(store, all_keys(store), tmp_path / "f")
    other = open_store(tmp_path / "b")
    import_replies(other, tmp_path / "f")
    assert parts(other, made) == expected, "they travel with an export"
    assert verify(other).sound
    for one in (store, other):
        one.close()
    offline = open_store(tmp_path / "b", offline=True)
    assert parts(offline, made) == expected
    offline.close()


def test_words_are_kept_as_received_and_counted_without_reading_a_reply(tmp_path, made):
    store = filled(tmp_path / "a", made)
    keys = [job.key for job in jobs(made)]
    assert store.get(keys)[keys[2]].finishes == ("length", "stop", "stop")
    found = {kind.words: (kind.outcome, kind.replies, store.ended_keys(kind)) for kind in store.ended()}
    assert found == {("length", "stop"): ("ok", 1, [keys[2]]), ("stop",): ("ok", 1, [keys[0]])}
    store.close()


def test_words_without_end_are_cut_for_looking_and_kept_in_full(tmp_path, made):
    """Any server may send any word: numbers are given to each, and each is found."""
    store = open_store(tmp_path)
    run = store.account("d")
    words = [(f"{'w' * 90} {n}" + "x" * 5000,) for n in range(300)]
    replies = [msgspec.structs.replace(made.reply(), finishes=one) for one in words]

    async def main():
        await asyncio.gather(*(one(n) for n in range(300)))

    async def one(number):
        await run.settle(await run.claim(made.job(number), made.worst()), replies[number])

    asyncio.run(main())
    keys = [made.job(n).key for n in range(300)]
    assert [reply.finishes for reply in map(store.get(keys).get, keys)] == words
    assert sum(kind.replies for kind in store.ended()) == 300
    assert max(len(word) for kind in store.ended() for word in kind.words) == 100
    assert verify(store).sound
    store.close()


def test_a_transaction_that_is_rolled_back_takes_its_words_with_it(tmp_path, made):
    """The number of a word that was never written must not be used."""
    store = open_store(tmp_path)
    run = store.account("d")
    reply = msgspec.structs.replace(made.reply(), cost=0, finishes=("rare",))
    writing = store.writing()

    def fails():
        writing.ledger.insert(made.job(1).key, "real", reply)
        raise KeyError("on purpose")

    with pytest.raises(KeyError):
        writing.writer.call(fails)

    async def main():
        await run.keep([(made.job(2), reply)])

    asyncio.run(main())
    assert [kind.words for kind in store.ended()] == [("rare",)]
    assert verify(store).sound
    store.close()


def test_nothing_is_indexed_on_the_table_of_replies(tmp_path):
    open_store(tmp_path).close()
    database = sqlite3.connect(tmp_path / "store.db")
    names = [row[1] for row in database.execute("PRAGMA index_list(replies)")]
    assert names == ["sqlite_autoindex_replies_1"], "the key alone"
    database.close()
