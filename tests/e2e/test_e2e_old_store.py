"""A store of schema 1 serves this version: nothing is asked again, and no byte of a dataset depends on the schema."""

import hashlib
import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from called import Called
from driving import ROOT, Tapc

sys.path.insert(0, str(ROOT / "tests" / "store"))
from old_store import EXPECTED, HERE, accounts_then, restored


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    for name in ("science.tap", "money.tap", "held.tap"):
        shutil.copy(HERE / name, tmp_path / name)
    restored(tmp_path / ".tapc")
    return Called(tmp_path)


def schema(tapc: Tapc) -> int:
    database = sqlite3.connect(f"file:{tapc.folder}/.tapc/store.db?mode=ro", uri=True)
    try:
        return database.execute("PRAGMA user_version").fetchone()[0]
    finally:
        database.close()


def spent(tapc: Tapc) -> dict[tuple[str, str, str], int]:
    document = json.loads(tapc("budget", "show", "--json").stdout)
    return {
        (account["dataset"], line["kind"], line["name"]): round(line["spent"]["usd"] * 10**12)
        for account in document["accounts"]
        for line in account["lines"]
    }


def test_looking_changes_nothing_and_shows_what_was_there(tapc: Tapc) -> None:
    before = (tapc.folder / ".tapc/store.db").read_bytes()
    assert spent(tapc) == {line: numbers[0] for line, numbers in accounts_then().items()}
    for command in (
        ("status",),
        ("cache", "stats"),
        ("cache", "verify"),
        ("plan", "money.tap"),
        ("diff", "money.tap", "held.tap"),
    ):
        tapc(*command, code=None)
    stats = json.loads(tapc("cache", "stats", "--json").stdout)
    assert stats["replies"] == EXPECTED["rows"]["replies"]
    assert (tapc.folder / ".tapc/store.db").read_bytes() == before
    assert schema(tapc) == 1


def test_every_reply_is_served_and_datasets_are_the_same_by_either_schema(tapc: Tapc) -> None:
    tapc("run", "science.tap", "--limit", "12", "--offline")
    tapc("run", "money.tap", "--offline")
    assert schema(tapc) == 1
    by_one = {name: tapc.bytes_of(name) for name in ("quickstart", "money")}
    assert [row["messages"][-1]["content"] for row in tapc.rows("money", "sft")] == EXPECTED["answers_of_money"]
    chosen = [
        hashlib.sha256(row["chosen"][-1]["content"].encode()).hexdigest()[:16]
        for row in tapc.rows("quickstart", "preference")
    ]
    assert chosen == EXPECTED["chosen_of_quickstart"]
    for spec, more in (("science.tap", ("--limit", "12")), ("money.tap", ())):
        run = tapc.run(spec, *more, "--yes")
        assert (run["requests"]["sent"], run["spend"]["usd"]) == (0, 0)
    assert schema(tapc) == 2
    assert {name: tapc.bytes_of(name) for name in ("quickstart", "money")} == by_one
    assert spent(tapc)["money", "dataset", "money"] == accounts_then()["money", "dataset", "money"][0]
    tapc("cache", "verify")


def test_what_is_unknown_is_explained(tapc: Tapc) -> None:
    cost, requests = accounts_then()["money", "dataset", "money"][6:]
    assert (cost, requests) == (2_292_000_000, 7)
    shown = " ".join(tapc("budget", "show", "money").stdout.split())
    assert "$0.0023 of this is for 7 requests whose outcome is unknown" in shown
    assert "tapc budget adjust money --cost" in shown
    assert "unknown" not in " ".join(tapc("budget", "show", "quickstart").stdout.split("\n")[2:]), "where there is none"


def test_a_correction_after_the_upgrade_holds(tapc: Tapc) -> None:
    tapc(
        "budget",
        "adjust",
        "money",
        "--cost",
        "-0.0023",
        "--tokens",
        "-10",
        "--requests",
        "-1",
        "--reason",
        "the bill came",
    )
    assert schema(tapc) == 2
    line = ("money", "dataset", "money")
    assert spent(tapc)[line] == accounts_then()[line][0] - 2_300_000_000
    tapc("cache", "verify")
