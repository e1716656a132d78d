"""Who stops waiting for an answer of the store does no harm to it."""

import asyncio

from tapc.store import open_store


def test_a_cancelled_question_does_not_break_the_store(tmp_path):
    """As at the end of a run: whoever looks at other runs is cancelled while the writer answers."""

    async def main():
        store = open_store(tmp_path / "store")
        account = store.account("d")
        for turn in range(300):
            asked = asyncio.ensure_future(account.holders())
            await asyncio.sleep(0 if turn % 2 else 0.0002)
            asked.cancel()
        assert await account.holders() == []
        account.close()
        store.close()

    asyncio.run(main())
