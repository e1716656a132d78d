"""`tapc cache` and `tapc budget` look into the store, tidy it, move replies and correct accounts."""

import json
import sqlite3
from pathlib import Path

import pytest
from called import Called
from driving import Tapc


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    return Called(tmp_path)


@pytest.fixture
def ran(tapc: Tapc, quickstart: Path) -> Path:
    tapc("run", "quickstart.tap", "--limit", "12", "-q")
    return quickstart


def stats(tapc: Tapc, *arguments: str) -> dict:
    return json.loads(tapc("cache", "stats", "--json", *arguments).stdout)


def account(tapc: Tapc) -> dict:
    return json.loads(tapc("budget", "show", "quickstart", "--json").stdout)["accounts"][0]


def test_gc_spares_what_the_named_specs_visit_and_leaves_the_accounts(tapc: Tapc, ran: Path) -> None:
    first = stats(tapc)["replies"]
    other = tapc.folder / "other.tap"
    other.write_text(ran.read_text().replace("Give the question only", "Only the question"))
    tapc("run", "other.tap", "--limit", "12", "-q", "--out", "out2")
    both, spent = stats(tapc)["replies"], account(tapc)
    assert both > first
    assert f"{both - first:,} of {both:,}" in tapc("cache", "gc", "quickstart.tap", "--dry-run").stdout
    refused = tapc("cache", "gc", "quickstart.tap", code=2)
    assert "--yes" in refused.stderr
    assert stats(tapc)["replies"] == both, "neither a dry run nor a refusal removes anything"
    assert "would be removed" in tapc("cache", "gc", "quickstart.tap", "other.tap", "--yes").stdout
    done = json.loads(tapc("cache", "gc", "quickstart.tap", "--yes", "--json").stdout)
    assert (done["kept"], done["removed"]) == (first, both - first)
    assert account(tapc) == spent, "what was paid stays spent"
    assert tapc.run("quickstart.tap", "--limit", "12")["requests"]["sent"] == 0
    tapc("cache", "verify")


def test_gc_keeps_rejected_attempts(tapc: Tapc, quickstart: Path) -> None:
    text = quickstart.read_text()
    quickstart.write_text(
        text.replace('model "sim-large"', 'model "sim-large"\n    extra { sim { rate_refusal 0.3 } }')
    )
    run = tapc.run("quickstart.tap", "--limit", "12")
    rejected = tapc.manifest("quickstart")["rejected"]
    assert sum(rejected["answer"].values()) > 0
    tapc("cache", "gc", "quickstart.tap", "--yes")
    assert stats(tapc)["replies"] == run["requests"]["sent"]
    assert tapc.run("quickstart.tap", "--limit", "12")["requests"]["sent"] == 0


def test_gc_of_a_wrong_spec_removes_nothing(tapc: Tapc, ran: Path) -> None:
    before = stats(tapc)["replies"]
    (tapc.folder / "wrong.tap").write_text("tap 1\ndataset x { samples }\n")
    tapc("cache", "gc", "quickstart.tap", "wrong.tap", "--yes", code=1)
    assert stats(tapc)["replies"] == before


def test_replies_move_to_another_store_marked_as_imported(tapc: Tapc, ran: Path) -> None:
    tapc("cache", "export", "replies.tapc")
    assert "TAP925" in tapc("cache", "export", "replies.tapc", code=2).stderr
    tapc("cache", "export", "part.tapc", "quickstart.tap", "--force")
    assert (tapc.folder / "part.tapc").read_bytes() == (tapc.folder / "replies.tapc").read_bytes()
    done = json.loads(tapc("cache", "import", "replies.tapc", "--store", "new", "--json").stdout)
    assert done["added"] == stats(tapc)["replies"]
    assert all(source["imported"] for source in stats(tapc, "--store", "new")["sources"])
    again = tapc("cache", "import", "replies.tapc", "--store", "new").stdout
    assert "added 0 replies" in again
    run = tapc.run("quickstart.tap", "--limit", "12", "--store", "new", "--out", "out2")
    assert run["requests"]["sent"] == 0
    same = (tapc.folder / "out2/quickstart/manifest.json").read_bytes()
    assert same == (tapc.folder / "out/quickstart/manifest.json").read_bytes()


def test_files_nobody_vouches_for_are_refused_whole(tapc: Tapc, ran: Path) -> None:
    tapc("cache", "export", "replies.tapc")
    data = (tapc.folder / "replies.tapc").read_bytes()
    (tapc.folder / "cut.tapc").write_bytes(data[: len(data) // 2])
    (tapc.folder / "bent.tapc").write_bytes(data[:900] + bytes([data[900] ^ 1]) + data[901:])
    for name in ("cut.tapc", "bent.tapc"):
        assert "TAP857" in tapc("cache", "import", name, "--store", "new", code=5).stderr
    assert "TAP858" in tapc("cache", "import", "replies.tapc", "--store", "new", "--max-bytes", "10k", code=2).stderr
    assert "TAP924" in tapc("cache", "import", "absent.tapc", "--store", "new", code=2).stderr
    assert stats(tapc, "--store", "new")["replies"] == 0


def test_verify_finds_damage_and_a_run_asks_again(tapc: Tapc, ran: Path) -> None:
    assert "sound" in tapc("cache", "verify").stdout
    with sqlite3.connect(tapc.folder / ".tapc/store.db") as database:
        database.execute("UPDATE replies SET value = substr(value, 1, length(value) - 1) WHERE id = 3")
    database.close()
    found = json.loads(tapc("cache", "verify", "--json", code=1).stdout)
    assert not found["sound"]
    assert len(found["damaged"]) == 1
    assert found["damaged"][0] in tapc("cache", "verify", code=1).stdout
    assert tapc.run("quickstart.tap", "--limit", "12")["requests"]["sent"] == 1
    tapc("cache", "verify")


def test_accounts_are_shown_and_corrected_with_a_reason(tapc: Tapc, ran: Path) -> None:
    before = account(tapc)
    total, *lines = before["lines"]
    assert total["kind"] == "dataset"
    assert total["ceiling"]["usd"] == 1.0
    for kind in ("step", "endpoint"):
        assert sum(x["spent"]["usd"] for x in lines if x["kind"] == kind) == pytest.approx(total["spent"]["usd"])
    tapc("budget", "adjust", "quickstart", "--cost", "0.9", "--tokens", "7", "--reason", "spent elsewhere")
    tapc("budget", "adjust", "quickstart", "--cost", "-0.5", "--reason", "half of it came back")
    after = account(tapc)
    assert after["lines"][0]["spent"]["usd"] == pytest.approx(total["spent"]["usd"] + 0.4)
    assert [e["note"] for e in after["journal"]] == ["half of it came back", "spent elsewhere"]
    shown = tapc("budget", "show").stdout
    assert "-$0.50" in shown
    assert "half of it came back" in shown
    assert "endpoint referee" in shown
    assert "TAP859" in tapc("budget", "adjust", "quickstart", "--cost", "-99", "--reason", "no", code=2).stderr
    assert "TAP859" in tapc("budget", "adjust", "quickstart", "--cost", "1", "--reason", " ", code=2).stderr
    assert "did you mean 'quickstart'" in tapc("budget", "show", "quickstar", code=2).stderr
    tapc("budget", "adjust", "quickstart", "--reason", "nothing", code=2)
    tapc("budget", "adjust", "quickstart", "--cost", "0.99", "--reason", "all of it")
    assert tapc.run("quickstart.tap", code=3)["stopped"] == "budget", "a correction counts against the cap"


@pytest.mark.parametrize("command", [("status",), ("budget", "show"), ("cache", "stats"), ("cache", "verify")])
def test_without_a_store_there_is_nothing_to_look_at_and_none_is_made(tapc: Tapc, command: tuple[str, ...]) -> None:
    assert "TAP860" in tapc(*command, code=2).stderr
    assert not (tapc.folder / ".tapc").exists()
