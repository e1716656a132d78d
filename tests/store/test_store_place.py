"""Where a store may lie, which ones are opened, and what a bad disk does."""

import asyncio
import os
import resource
import sqlite3
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tapc.diagnostics import rule
from tapc.store import Amount, Claim, Stored, StoreError, accounts, open_store, verify
from tapc.store.place import filesystem_kind, refuse_network

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:45 / /home rw - nfs4 server:/home rw
31 30 8:2 / /home/me/local rw shared:7 master:1 - xfs /dev/sdb rw
32 22 0:50 / /mnt/my\040disk rw - cifs //server/x rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/homework", "ext4"),
        ("/home", "nfs4"),
        ("/home/me/x/.tapc", "nfs4"),
        ("/home/me/local/.tapc", "xfs"),
        ("/mnt/my disk/a", "cifs"),
    ],
)
def test_the_filesystem_of_a_path_is_that_of_its_deepest_mount(path, kind):
    assert filesystem_kind(path, MOUNTS) == kind


def test_of_mounts_at_one_point_the_last_one_counts():
    assert filesystem_kind("/home/me", MOUNTS + "40 22 8:3 / /home rw - btrfs /dev/sdc rw\n") == "btrfs"


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "lustre", "fuse.sshfs", "fuse.s3fs", "vboxsf"]
)
def test_every_kind_of_network_filesystem_is_refused(tmp_path, kind):
    """Kinds as the Linux kernel and FUSE name them in `/proc/self/mountinfo`."""
    mounted = tmp_path / "mountinfo"
    mounted.write_text(f"33 22 0:51 / {tmp_path} rw - {kind} server:/x rw\n")
    with pytest.raises(StoreError, match="network filesystem"):
        refuse_network(tmp_path / ".tapc", mounted)


def test_a_network_filesystem_is_refused(tmp_path):
    mounted = tmp_path / "mountinfo"
    mounted.write_text(f"{MOUNTS}33 22 0:51 / {tmp_path} rw - nfs4 server:/x rw\n")
    with pytest.raises(StoreError) as caught:
        refuse_network(tmp_path / ".tapc", mounted)
    assert caught.value.code == "TAP851"
    assert "nfs4" in caught.value.message
    mounted.write_text(MOUNTS)
    refuse_network(tmp_path / ".tapc", mounted)


def test_a_store_is_private_and_out_of_version_control(tmp_path):
    folder = tmp_path / "deep" / ".tapc"
    open_store(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_folder_that_others_could_read_is_made_private(tmp_path):
    folder = tmp_path / ".tapc"
    folder.mkdir(mode=0o755)
    open_store(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_newer_store_is_refused(tmp_path):
    open_store(tmp_path).close()
    database = sqlite3.connect(tmp_path / "store.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    for offline in (False, True):
        with pytest.raises(StoreError) as caught:
            open_store(tmp_path, offline=offline)
        assert caught.value.code == "TAP850"


def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    database = sqlite3.connect(tmp_path / "store.db")
    database.execute("CREATE TABLE mine (x)")
    database.close()
    before = (tmp_path / "store.db").read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path)
    assert caught.value.code == "TAP857"
    assert (tmp_path / "store.db").read_bytes() == before


def test_what_is_no_database_is_told(tmp_path):
    (tmp_path / "store.db").write_bytes(b"hello" * 1000)
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path)
    assert caught.value.code == "TAP853"


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "x")
    assert caught.value.code == "TAP852"


def test_every_code_is_explained():
    for number in range(850, 860):
        assert rule(f"TAP{number}").explanation


def test_offline_without_a_store_reads_nothing_and_makes_nothing(tmp_path):
    store = open_store(tmp_path / "none", offline=True)
    assert store.get([b"x" * 32]) == {}
    with pytest.raises(StoreError):
        store.account("d")
    store.close()
    assert not (tmp_path / "none").exists()


def fill(folder, made, count, text=None):
    async def main(run):
        for number in range(count):
            claim = await run.claim(made.job(number), made.worst())
            await run.settle(claim, made.reply(text or f"the text of {number}"))

    store = open_store(folder)
    try:
        asyncio.run(main(store.account("d")))
    finally:
        store.close()


def test_a_store_that_may_only_be_read_serves_offline(tmp_path, made):
    fill(tmp_path, made, 3)
    for path in (*tmp_path.iterdir(), tmp_path):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        store = open_store(tmp_path, offline=True)
        assert len(store.get([made.job(number).key for number in range(3)])) == 3
        store.close()
    finally:
        tmp_path.chmod(0o700)


def test_a_flipped_byte_is_found_reported_and_asked_again(tmp_path, made):
    fill(tmp_path, made, 3)
    path = tmp_path / "store.db"
    data = bytearray(path.read_bytes())
    database = sqlite3.connect(path)
    (value,) = database.execute("SELECT value FROM replies WHERE key = ?", (made.job(1).key,)).fetchone()
    database.close()
    assert data.count(value) == 1
    data[data.find(value) + 12] ^= 1
    path.write_bytes(data)
    store = open_store(tmp_path)
    keys = [made.job(number).key for number in range(3)]
    assert set(store.get(keys)) == {keys[0], keys[2]}
    assert store.damaged == [keys[1]]
    assert verify(store).damaged == (keys[1],)

    async def again():
        run = store.account("d")
        assert isinstance(await run.claim(made.job(0), made.worst()), Stored)
        claim = await run.claim(made.job(1), made.worst())
        assert isinstance(claim, Claim)
        await run.settle(claim, made.reply("anew"))

    asyncio.run(again())
    assert store.get(keys)[keys[1]].texts == ("anew",)
    assert verify(store).sound
    store.close()


def test_a_broken_structure_is_an_error_with_advice(tmp_path, made):
    fill(tmp_path, made, 300, "x" * 2000)
    path = tmp_path / "store.db"
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 8192):
        data[page * 8192 : page * 8192 + 64] = os.urandom(64)
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        store = open_store(tmp_path)
        store.get([made.job(number).key for number in range(300)])
    assert caught.value.code == "TAP853"


def test_a_full_disk_stops_claims_and_keeps_what_was_answered(tmp_path, made):
    store = open_store(tmp_path)

    async def main():
        run = store.account("d")
        pages = store.writing().connection.execute("PRAGMA page_count").fetchone()[0]
        store.writing().writer.call(
            lambda: store.writing().connection.execute(f"PRAGMA max_page_count = {pages + 40}").fetchone()
        )
        kept, error = [], None
        for number in range(10_000):
            claim = None
            try:
                claim = await run.claim(made.job(number), made.worst())
                assert isinstance(claim, Claim)
                await run.settle(claim, made.reply(os.urandom(2000).hex()))
                kept.append(number)
            except StoreError as told:
                error = told
                break
        assert error is not None
        assert error.code == "TAP854"
        assert kept
        with pytest.raises(StoreError):
            await run.claim(made.job(20_000), made.worst())
        return kept

    kept = asyncio.run(main())
    store.writing().connection.execute("PRAGMA max_page_count = 1000000")
    store.close()
    store = open_store(tmp_path)
    assert set(store.get([made.job(number).key for number in kept])) == {made.job(number).key for number in kept}
    assert verify(store).sound
    account = accounts(store)[0].lines[0]
    assert account.held == Amount()
    assert account.spent.requests in (len(kept), len(kept) + 1)
    store.close()


def test_a_limit_on_file_size_stops_cleanly(tmp_path, made):
    script = f"""
        import asyncio, os, resource, sys
        from pathlib import Path
        sys.path.insert(0, {str(str(Path(__file__).parent))!r})
        from conftest import Made
        from tapc.store import StoreError, open_store
        made = Made()
        store = open_store(Path(sys.argv[1]))
        run = store.account("d")
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        async def one(number):
            claim = await run.claim(made.job(number), made.worst())
            await run.settle(claim, made.reply(os.urandom(2000).hex()))
            print(number, flush=True)
        async def main():
            results = await asyncio.gather(*(one(n) for n in range(500)), return_exceptions=True)
            errors = [r for r in results if r is not None]
            assert errors and all(isinstance(e, StoreError) for e in errors), errors[:3]
            print("stopped", errors[0].code, flush=True)
        asyncio.run(main())
        try:
            store.close()
        except StoreError:
            pass
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    *kept, last = done.stdout.split("\n")[:-1]
    assert last in ("stopped TAP854", "stopped TAP855")
    assert kept
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    store = open_store(tmp_path)
    store.account("d").close()
    keys = {made.job(int(number)).key for number in kept}
    assert set(store.get(list(keys))) == keys
    assert verify(store).sound
    assert accounts(store)[0].lines[0].held == Amount()
    store.close()
