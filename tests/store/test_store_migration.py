"""From schema 1 to schema 2: nothing is lost, whatever happens on the way."""

import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from old_store import EXPECTED, accounts_then, restored

from tapc.jobs import Draw
from tapc.store import Amount, StoreError, accounts, all_keys, export_replies, mend, open_store, stats, verify

ROWS = EXPECTED["rows"]


def schema_of(folder):
    database = sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True)
    try:
        return database.execute("PRAGMA user_version").fetchone()[0]
    finally:
        database.close()


def lines_of(store):
    found = {}
    for account in accounts(store, latest=0):
        for line in account.lines:
            spent, held, unknown = line.spent, line.held, line.unknown
            found[account.dataset, line.kind, line.name] = (
                spent.cost, spent.tokens, spent.requests,
                held.cost, held.tokens, held.requests,
                unknown.cost, unknown.requests,
            )  # fmt: skip
    return found


def rows_of(folder):
    database = sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True)
    try:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ROWS}
    finally:
        database.close()


def test_the_old_store_is_as_it_was_written(tmp_path):
    folder = restored(tmp_path / "s")
    assert schema_of(folder) == 1
    assert rows_of(folder) == ROWS
    assert (folder / "store.db").stat().st_size < 200_000


def test_everything_is_there_after_opening(tmp_path):
    old = open_store(restored(tmp_path / "old"), offline=True)
    folder = restored(tmp_path / "s")
    new = open_store(folder)
    assert schema_of(folder) == 2
    assert (schema_of(tmp_path / "old"), rows_of(folder)) == (1, ROWS)
    keys = all_keys(new)
    assert keys == all_keys(old)
    assert new.get(keys) == old.get(keys)
    assert len(new.get(keys)) == ROWS["replies"]
    assert lines_of(new) == lines_of(old) == accounts_then()
    assert verify(new).sound
    assert verify(old).sound
    assert stats(new).sources == stats(old).sources
    assert new.history() == old.history()
    assert new.ended() == []
    assert [*new.of_draw(Draw(0, b"", 0, 0, 0))] == [*old.of_draw(Draw(0, b"", 0, 0, 0))] == []
    export_replies(old, keys, tmp_path / "one")
    export_replies(new, keys, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    old.close()
    new.close()


def test_the_request_that_was_open_is_charged_by_the_next_run_and_the_totals_hold(tmp_path):
    folder = restored(tmp_path / "s")
    then = accounts_then()["held", "dataset", "held"]
    assert then[5] >= 1, "the old store was left with an open request"
    store = open_store(folder)
    store.account("money").close()
    line = next(a for a in accounts(store) if a.dataset == "held").lines[0]
    assert line.held == Amount()
    assert (line.spent.cost, line.spent.requests) == (then[0] + then[3], then[2] + then[5])
    assert (line.unknown.cost, line.unknown.requests) == (then[6] + then[3], then[7] + then[5])
    assert verify(store).sound
    store.close()


def test_a_folder_that_may_only_be_read_serves_a_store_of_schema_1(tmp_path):
    folder = restored(tmp_path / "s")
    for path in (folder / "store.db", folder):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        store = open_store(folder, offline=True)
        assert len(store.get(all_keys(store))) == ROWS["replies"]
        assert lines_of(store) == accounts_then()
        store.close()
    finally:
        folder.chmod(0o700)
    assert schema_of(folder) == 1


def test_a_live_run_of_the_old_version_is_waited_for(tmp_path):
    """It would spend without adding to the totals; nothing is changed until it is over."""
    folder = restored(tmp_path / "s")
    database = sqlite3.connect(folder / "store.db")
    name = database.execute("SELECT id FROM runs WHERE ended IS NULL").fetchone()[0]
    database.close()
    (folder / "runs").mkdir()
    script = f"import fcntl, sys; f = open({str(folder / 'runs' / name)!r} + '.lock', 'w'); fcntl.flock(f, 2); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        holder.stdout.readline()
        with pytest.raises(StoreError) as caught:
            open_store(folder)
        assert caught.value.code == "TAP856"
        assert name in caught.value.message
        assert schema_of(folder) == 1
        store = open_store(folder, offline=True)
        assert lines_of(store) == accounts_then()
        store.close()
        holder.stdin.close()
    open_store(folder).close()
    assert schema_of(folder) == 2


@pytest.mark.parametrize("value", ["'much'", "-5", "NULL", "x'00'", "1.5"])
def test_damaged_accounts_are_not_taken_for_the_truth(tmp_path, value):
    folder = restored(tmp_path / "s")
    database = sqlite3.connect(folder / "store.db")
    if value == "NULL":
        database.executescript(
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'accounts'"
        )
        database.close()
        database = sqlite3.connect(folder / "store.db")
    database.execute(f"UPDATE accounts SET tokens = {value} WHERE dataset = 'money' AND kind = 'step'")
    database.commit()
    database.close()
    with pytest.raises(StoreError) as caught:
        open_store(folder)
    assert caught.value.code == "TAP853"
    assert schema_of(folder) == 1


MIGRATE = """
    import resource, signal, sys
    from pathlib import Path
    from tapc.store import StoreError, open_store
    if limit := int(sys.argv[2]):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        open_store(Path(sys.argv[1])).close()
    except StoreError as error:
        print(error.code)
"""


def migrating(folder, *before, limit=0):
    command = [*before, sys.executable, "-c", textwrap.dedent(MIGRATE), str(folder), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_migrate_at_once(tmp_path):
    for turn in range(3):
        folder = restored(tmp_path / f"s{turn}")
        both = [migrating(folder) for _ in range(3)]
        assert [process.communicate(timeout=60) for process in both] == [("", "")] * 3
        store = open_store(folder)
        assert lines_of(store) == accounts_then()
        assert verify(store).sound
        store.close()


def whole(folder):
    """Either version, with everything in it; then it is opened and is schema 2."""
    version = schema_of(folder)
    store = open_store(folder, offline=True)
    assert lines_of(store) == accounts_then()
    assert len(store.get(all_keys(store))) == ROWS["replies"]
    assert verify(store).sound
    store.close()
    store = open_store(folder)
    assert lines_of(store) == accounts_then()
    assert verify(store).sound
    store.close()
    assert schema_of(folder) == 2
    return version


def test_a_full_disk_leaves_the_old_version(tmp_path):
    """Files may grow to a bound, which is raised a page at a time until the migration fits."""
    pristine = restored(tmp_path / "pristine")
    size = (pristine / "store.db").stat().st_size
    seen = []
    for limit in (1, *range(8192, size + 200_000, 49_152)):
        folder = Path(shutil.copytree(pristine, tmp_path / f"s{limit}"))
        (folder / "ballast").write_bytes(b"")
        out, err = migrating(folder, limit=limit).communicate(timeout=60)
        assert "Traceback" not in err, err
        assert out.strip() in ("", "TAP852", "TAP854", "TAP855"), out
        seen.append(whole(folder))
    assert {1, 2} == set(seen), "some were cut short, some were not"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace makes the kernel kill at a system call of choice")
@pytest.mark.parametrize("stride", [3, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_a_kill_at_any_write_leaves_either_version(tmp_path, stride):
    """SIGKILL at the first write or sync of the process, at one after it, …, until it gets through."""
    pristine = restored(tmp_path / "pristine")
    calls = "pwrite64,fsync,fdatasync,ftruncate,unlink,rename"
    seen = []
    for number in range(1, 200, stride):
        folder = Path(shutil.copytree(pristine, tmp_path / f"s{number}"))
        process = migrating(
            folder, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}",
            "-e", f"inject={calls}:signal=SIGKILL:when={number}",
        )  # fmt: skip
        process.communicate(timeout=60)
        seen.append(whole(folder))
        if process.returncode == 0:
            break
    assert process.returncode == 0, "it never got through"
    assert len(seen) > 5
    assert set(seen) == {1, 2}
    assert seen == sorted(seen), "once it is durable it stays"


def test_a_store_of_schema_1_cannot_be_mended_offline_but_is_migrated_by_mending(tmp_path):
    folder = restored(tmp_path / "s")
    store = open_store(folder)
    result = mend(store)
    assert result.figures == 0
    assert verify(store).sound
    store.close()
