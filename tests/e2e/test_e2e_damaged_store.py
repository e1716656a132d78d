"""Damage by damage, command by command: a finding with a code and a next step, or exactly what a sound store gives.

A command may leave a damage out of account only if what it prints and writes is the same as without it, or if
`HARMLESS` says why the difference is right.
"""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from called import Called
from driving import Tapc

from tapc.diagnostics import rules

SPEC = """tap 1

dataset small {
  samples 8
  taxonomy topic { alpha, beta }
  endpoint w { model "sim-writer", price { input $1/M, output $4/M }, max_tokens 60 }
  generate answer { using w, prompt "Write about {{ topic }}." }
  emit sft { from answer }
  budget { cost $1 }
}
"""
RUN = ("run", "small.tap", "--yes")
COMMANDS = {
    "stats": ("cache", "stats", "--json"),
    "verify": ("cache", "verify", "--json"),
    "gc": ("cache", "gc", "small.tap", "--yes", "--json"),
    "export": ("cache", "export", "all.replies"),
    "import": ("cache", "import", "sound.replies", "--json"),
    "show": ("budget", "show", "--json"),
    "adjust": ("budget", "adjust", "small", "--cost", "0.5", "--reason", "why not"),
    "status": ("status", "--json"),
    "plan": ("plan", "small.tap", "--json"),
    "offline": (*RUN, "--offline", "--json"),
    "run": (*RUN, "--json"),
}


def sql(*statements):
    def damage(store: Path) -> None:
        database = sqlite3.connect(store / "store.db", isolation_level=None)
        for statement in statements:
            database.execute(statement)
        database.close()

    return damage


def unbound(table, *statements):
    """Statements on a table whose columns may hold NULL."""

    def damage(store: Path) -> None:
        sql(
            "PRAGMA writable_schema = ON",
            f"UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = '{table}'",
        )(store)
        sql(*statements)(store)

    return damage


def cut(size):
    def damage(store: Path) -> None:
        data = (store / "store.db").read_bytes()
        (store / "store.db").write_bytes(data[: size if size >= 0 else len(data) + size])

    return damage


def filled(byte, first=0, last=None):
    def damage(store: Path) -> None:
        data = bytearray((store / "store.db").read_bytes())
        part = slice(first, last)
        data[part] = byte * len(data[part])
        (store / "store.db").write_bytes(data)

    return damage


def page_of(table):
    """The root page of a table filled with noise."""

    def damage(store: Path) -> None:
        database = sqlite3.connect(store / "store.db")
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        database.close()
        filled(b"\xa7", (page - 1) * 8192, page * 8192)(store)

    return damage


def gone(store: Path) -> None:
    """The database is deleted by hand, its log is not."""
    (store / "store.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(9000))
    (store / "store.db").unlink()


def link(store: Path) -> None:
    """A link to a disk that is not mounted."""
    (store / "store.db").unlink()
    (store / "store.db").symlink_to("/nowhere/store.db")


def folder(store: Path) -> None:
    (store / "store.db").unlink()
    (store / "store.db").mkdir()


DAMAGES = {
    "empty": cut(0),
    "one byte": cut(1),
    "cut in the header": cut(60),
    "cut after the header": cut(100),
    "cut after a sector": cut(512),
    "cut in the middle": cut(40_000),
    "last page lost": cut(-8192),
    "last byte lost": cut(-1),
    "all zero": filled(b"\0"),
    "first page zero": filled(b"\0", 0, 8192),
    "noise in the header": filled(b"\xa7", 16, 100),
    "gone but for its log": gone,
    "a dangling link": link,
    "a folder": folder,
    "no tables": sql(*(f"DROP TABLE {t}" for t in ("sources", "replies", "finishes", "accounts", "settled", "ceilings", "runs", "intents", "journal", "history"))),
    **{f"no {t}": sql(f"DROP TABLE {t}") for t in ("sources", "replies", "finishes", "accounts", "settled", "ceilings", "runs", "intents", "journal", "history")},
    "a column is missing": sql("ALTER TABLE accounts RENAME COLUMN cost TO cots"),
    "a column of replies is missing": sql("ALTER TABLE replies RENAME COLUMN crc TO crs"),
    "a table is another": sql("DROP TABLE journal", "CREATE TABLE journal (x)"),
    **{f"noise in {t}": page_of(t) for t in ("accounts", "settled", "replies", "sources", "runs", "journal", "history")},
    "accounts emptied": sql("DELETE FROM accounts"),
    "accounts and totals emptied": sql("DELETE FROM accounts", "DELETE FROM settled"),
    "totals emptied": sql("DELETE FROM settled"),
    "an account lowered": sql("UPDATE accounts SET cost = cost / 2 WHERE kind = 'dataset'"),
    "an account raised": sql("UPDATE accounts SET requests = requests + 1 WHERE kind = 'endpoint'"),
    "what is unknown changed": sql("UPDATE accounts SET unknown_cost = 5, unknown_requests = 1 WHERE kind = 'dataset'"),
    "an account is text": sql("UPDATE accounts SET cost = 'much' WHERE kind = 'dataset'"),
    "an account is a fraction": sql("UPDATE accounts SET cost = 0.5 WHERE kind = 'dataset'"),
    "an account is negative": sql("UPDATE accounts SET tokens = -3 WHERE kind = 'step'", "UPDATE settled SET tokens = -3 WHERE kind = 'step'"),
    "an account is bytes": sql("UPDATE accounts SET requests = x'ff' WHERE kind = 'dataset'"),
    "an account is null": unbound("accounts", "UPDATE accounts SET cost = NULL WHERE kind = 'dataset'"),
    "an account of bytes": sql("UPDATE accounts SET name = x'00ff' WHERE kind = 'step'"),
    "an account of no text": sql("UPDATE accounts SET name = CAST(x'ff' AS TEXT) WHERE kind = 'step'"),
    "an account of another kind": sql("UPDATE accounts SET kind = 'planet' WHERE kind = 'step'", "UPDATE settled SET kind = 'planet' WHERE kind = 'step'"),
    "a total is text": sql("UPDATE settled SET cost = 'much' WHERE kind = 'dataset'"),
    "held without a request": sql("UPDATE accounts SET held_cost = 7 WHERE kind = 'dataset'"),
    "a ceiling is text": sql("UPDATE ceilings SET cost = 'free'"),
    "a run's time is text": sql("UPDATE runs SET started = 'yesterday'"),
    "a run's time is absurd": sql("UPDATE runs SET started = 1 << 60"),
    "a run's name is a path": sql("UPDATE runs SET id = '../../../tmp/x', ended = NULL"),
    "a run's process is text": sql("UPDATE runs SET pid = 'x'"),
    "a journal amount is text": sql("INSERT INTO journal VALUES (99, 5, 'small', 'adjust', 'x', 0, 0, 'note')"),
    "a journal note is bytes": sql("INSERT INTO journal VALUES (99, 5, 'small', 'adjust', 1, 0, 0, x'ff')"),
    "an intent is text": sql("INSERT INTO intents VALUES (x'00', 'nobody', 'small', 'answer', 'w', 'much', 'many')"),
    "an intent of nobody": sql("INSERT INTO intents VALUES (x'00', 'nobody', 'small', 'answer', 'w', 7, 7)"),
    "an intent of a path": sql("INSERT INTO intents VALUES (x'00', '../../x', 'small', 'answer', 'w', 7, 7)"),
    "history is text": sql("UPDATE history SET input = 'x'"),
    "history is null": unbound("history", "UPDATE history SET jobs = NULL"),
    "a reply is cut": sql("UPDATE replies SET value = substr(value, 1, 20) WHERE id = 3"),
    "a reply is text": sql("UPDATE replies SET value = 'hello' WHERE id = 3"),
    "a reply is null": unbound("replies", "UPDATE replies SET value = NULL WHERE id = 3"),
    "a checksum is text": sql("UPDATE replies SET crc = 'x' WHERE id = 3"),
    "a key is text": sql("UPDATE replies SET key = 'key' WHERE id = 3"),
    "a key is short": sql("UPDATE replies SET key = x'00' WHERE id = 3"),
    "a reply's cost changed": sql("UPDATE replies SET cost = cost + 1 WHERE id = 3"),
    "a reply's cost is text": sql("UPDATE replies SET cost = 'x' WHERE id = 3"),
    "a reply's tokens changed": sql("UPDATE replies SET input = input + 1000 WHERE id = 3"),
    "a reply's outcome changed": sql("UPDATE replies SET outcome = 'refusal' WHERE id = 3"),
    "a reply's outcome is a word": sql("UPDATE replies SET outcome = 'splendid' WHERE id = 3"),
    "a reply's time changed": sql("UPDATE replies SET created = 'now' WHERE id = 3"),
    "a reply's origin is another": sql("INSERT INTO sources VALUES (77, 'real', 'x', 'y', 0)", "UPDATE replies SET source = 77 WHERE id = 3"),
    "a reply's origin is gone": sql("UPDATE replies SET source = 5000 WHERE id = 3"),
    "parts are text": sql("UPDATE replies SET parts = 'x' WHERE id = 3"),
    "words are another's": sql("INSERT INTO finishes VALUES (50, '[\"x\"]')", "UPDATE replies SET finish = 50 WHERE id = 3"),
    "words are no list": sql("INSERT INTO finishes VALUES (50, 'x')", "UPDATE replies SET finish = 50 WHERE id = 3"),
    "a realm is a word": sql("UPDATE sources SET realm = 'dream'"),
    "a model is bytes": sql("UPDATE sources SET model = x'ff'"),
}  # fmt: skip

REPLY = (
    "a reply is cut",
    "a reply is text",
    "a reply is null",
    "a checksum is text",
    "a key is text",
    "a key is short",
)
"""One reply is gone, which is an ordinary thing: it is asked again."""

FIGURES = (
    "a reply's cost changed", "a reply's cost is text", "a reply's tokens changed", "a reply's outcome changed",
    "a reply's outcome is a word", "a reply's time changed", "a reply's origin is another", "a reply's origin is gone",
    "parts are text", "words are another's", "words are no list", "a realm is a word",
)  # fmt: skip
TABLES = ("stats", "gc", "show", "adjust", "status", "plan")

HARMLESS = {
    **{(name, command): "one reply fewer" for name in REPLY for command in ("export", "import", "plan", "run", "gc", "stats")},
    **{(name, "offline"): "one sample fewer, exit 5" for name in REPLY},
    **{(name, "verify"): "its key is listed, exit 1" for name in REPLY},
    **{(name, "export"): "written without what the damage may have touched: its time and parts" for name in FIGURES},
    **{("accounts and totals emptied", command): "only the replies know, and verify" for command in TABLES},
    ("noise in sources", "export"): "every reply is written, without times and parts",
    ("no sources", "export"): "the same",
}  # fmt: skip
CLOCKS = re.compile(r'"(started|at|seconds|pid|file_bytes|freed_bytes|id)": [^,}]+|\d{8}T\d{12}-[0-9a-f]{8}')


@pytest.fixture(scope="module")
def pristine(tmp_path_factory) -> Path:
    """A store that is sound, with an export of it."""
    place = tmp_path_factory.mktemp("pristine")
    tapc = Called(place)
    (place / "small.tap").write_text(SPEC, encoding="utf-8")
    tapc(*RUN, "-q")
    tapc("budget", "adjust", "small", "--cost", "0.25", "--reason", "spent elsewhere")
    tapc("cache", "export", "sound.replies")
    return place


def outcome(place: Path, command: str) -> tuple[str, dict[str, bytes]]:
    """What a command prints and writes, clocks left out, and its findings."""
    tapc = Called(place)
    done = tapc(*COMMANDS[command], code=None)
    text = CLOCKS.sub("", done.stdout)
    files = {p.name: p.read_bytes() for p in place.glob("all.replies")}
    if command in ("run", "offline") and not done.returncode:
        files |= tapc.bytes_of("small")
    return f"{done.returncode}\n{text}\n{done.stderr}", files


@pytest.fixture(scope="module")
def sound(pristine, tmp_path_factory) -> dict[str, tuple[str, dict[str, bytes]]]:
    found = {}
    for command in COMMANDS:
        place = shutil.copytree(pristine, tmp_path_factory.mktemp("sound") / "s")
        found[command] = outcome(Path(place), command)
        assert found[command][0].startswith("0\n"), found[command]
    return found


def complaint(name: str, command: str, sound: tuple[str, dict[str, bytes]], place: Path) -> str:
    """What is wrong with how a command takes a damage; empty if nothing is."""
    text, files = outcome(place, command)
    codes = set(re.findall(r"error\[(TAP8\d\d)\]", text))
    ended_well = text.startswith("0\n")
    if (codes and ended_well) or not codes <= set(rules()):
        return f"{command}: {text}"
    if not codes and (text, files) != sound and (name, command) not in HARMLESS:
        return f"{command} neither tells the damage nor leaves it out of account: {text}\n\nsound: {sound[0]}"
    if command == "verify" and ended_well:
        return f"verify does not find it: {text}"
    return ""


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_is_told_or_changes_nothing(pristine, sound, tmp_path, name):
    """Every command meets the damage in a copy of its own."""
    wrong = []
    for command in COMMANDS:
        place = Path(shutil.copytree(pristine, tmp_path / command))
        DAMAGES[name](place / ".tapc")
        wrong.append(complaint(name, command, sound[command], place))
    assert not any(wrong), "\n\n".join(filter(None, wrong))


@pytest.mark.parametrize("name", REPLY)
def test_a_lost_reply_is_asked_again_and_the_dataset_is_the_same(pristine, sound, tmp_path, name):
    place = Path(shutil.copytree(pristine, tmp_path / "s"))
    DAMAGES[name](place / ".tapc")
    run = json.loads(Called(place)(*COMMANDS["run"]).stdout)
    assert run["requests"]["sent"] == 1
    assert Called(place).bytes_of("small") == sound["run"][1]


MENDED = [
    "accounts emptied", "totals emptied", "an account lowered", "an account raised", "what is unknown changed",
    "an account is text", "an account is a fraction", "an account is bytes", "an account of bytes",
    "held without a request", "a total is text", "a reply's cost changed", "a reply's cost is text",
    "a reply's tokens changed", "a reply's outcome changed", "a reply's time changed", "a reply's origin is gone",
    "a reply's origin is another", "words are another's",
]  # fmt: skip


@pytest.mark.parametrize("name", MENDED)
def test_mending_lowers_nothing_and_the_store_is_sound_again(pristine, tmp_path, name):
    place = Path(shutil.copytree(pristine, tmp_path / "s"))
    tapc = Called(place)
    before = json.loads(tapc("budget", "show", "--json").stdout)["accounts"][0]["lines"]
    DAMAGES[name](place / ".tapc")
    tapc("cache", "verify", code=1)
    tapc("cache", "verify", "--mend")
    tapc("cache", "verify")
    after = {
        (x["kind"], x["name"]): x for x in json.loads(tapc("budget", "show", "--json").stdout)["accounts"][0]["lines"]
    }
    for line in before:
        now = after[line["kind"], line["name"]]["spent"]
        assert all(now[unit] >= line["spent"][unit] for unit in ("usd", "tokens", "requests"))
    assert json.loads(tapc(*COMMANDS["run"]).stdout)["requests"]["sent"] == 0


def test_an_emptied_account_does_not_open_its_budget_again(pristine, tmp_path):
    """The whole cap is spent; the account is emptied; a run that would need one more request is refused."""
    place = Path(shutil.copytree(pristine, tmp_path / "s"))
    tapc: Tapc = Called(place)
    tapc("budget", "adjust", "small", "--cost", "0.74", "--reason", "nearly all of it")
    (place / "small.tap").write_text(SPEC.replace("samples 8", "samples 4000"), encoding="utf-8")
    DAMAGES["accounts emptied"](place / ".tapc")
    refused = tapc(*RUN, code=5)
    assert "TAP861" in refused.stderr
    assert "$0.99" in refused.stderr.replace("\n", " ")


def test_a_store_that_is_simply_not_there_is_a_clone(pristine, tmp_path):
    place = Path(shutil.copytree(pristine, tmp_path / "s"))
    kept = json.loads(Called(place)("cache", "stats", "--json").stdout)["replies"]
    shutil.rmtree(place / ".tapc")
    run = json.loads(Called(place)(*COMMANDS["run"]).stdout)
    assert (run["requests"]["sent"], run["samples"]["accepted"]) == (kept, 8)
