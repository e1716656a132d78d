"""The whole path on the quickstart, as a user walks it."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from counting_server import Answer, CountingServer
from driving import PATIENCE, Tapc, clean_environment

TOPICS = {"physics": 24, "biology": 21, "chemistry": 15}
LANGUAGES = {"en": 30, "zh-Hans": 18, "sw": 12}
DIFFICULTY = {"easy": 18, "medium": 30, "hard": 12}


def edit(spec: Path, old: str, new: str) -> None:
    text = spec.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the spec"
    spec.write_text(text.replace(old, new), encoding="utf-8")


def test_check_plan_run_and_run_again(tapc: Tapc, quickstart: Path) -> None:
    assert "nothing to report" in tapc("check", "quickstart.tap").stdout
    plan = json.loads(tapc("plan", "quickstart.tap", "--json").stdout)
    assert plan["samples"] == 60
    assert plan["total"]["jobs"] == 60 + 240 + 240
    assert plan["total"]["cached"] == 0
    assert plan["budget"]["fits_expected"]

    first = tapc.run("quickstart.tap")
    assert first["stopped"] is None
    assert first["requests"]["cached"] == 0
    assert first["requests"]["sent"] >= plan["total"]["jobs"]
    assert first["spend"]["usd"] > 0
    before = tapc.bytes_of("quickstart")
    assert {"README.md", "manifest.json"} < set(before)

    again = tapc.run("quickstart.tap")
    assert again["requests"]["sent"] == 0
    assert again["requests"]["cached"] >= plan["total"]["jobs"]
    assert again["spend"]["usd"] == 0
    assert tapc.bytes_of("quickstart") == before
    after = json.loads(tapc("plan", "quickstart.tap", "--json").stdout)
    assert after["total"]["cached"] == after["total"]["jobs"]
    assert after["total"]["cost_usd"]["expected"] == 0


def test_quotas_hold_for_what_was_accepted(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap")
    rows = tapc.rows("quickstart", "preference")
    assert len(rows) == 60
    assert Counter(r["provenance"]["taxonomy"].split(".")[0] for r in rows) == TOPICS
    assert Counter(r["provenance"]["axes"]["language"] for r in rows) == LANGUAGES
    assert Counter(r["provenance"]["axes"]["difficulty"] for r in rows) == DIFFICULTY
    manifest = tapc.manifest("quickstart")
    assert manifest["samples"] == {"planned": 60, "accepted": 60, "short": 0}
    assert {k: v for k, v in manifest["counts"]["topic"].items() if "." not in k} == TOPICS
    for row in rows:
        assert row["chosen"] != row["rejected"]
        assert row["margin"] >= 0.25
        assert row["score_chosen"] - row["score_rejected"] == pytest.approx(row["margin"])
        assert [m["role"] for m in row["prompt"]] == ["user"]
        assert row["provenance"]["simulated"] is True
    assert len(tapc.rows("quickstart", "sft")) == 60
    assert len({r["prompt"][0]["content"] for r in rows}) == 60, "unique questions were asked for"


def test_documents_meet_their_published_schemas(tapc: Tapc, quickstart: Path) -> None:
    plan = json.loads(tapc("plan", "quickstart.tap", "--json").stdout)
    run = tapc.run("quickstart.tap")
    for name, document in (("plan", plan), ("run", run), ("manifest", tapc.manifest("quickstart"))):
        jsonschema.validate(document, json.loads(tapc("schema", name).stdout))
        assert document["schema"] == f"tapc.{name}/1"


def test_the_folder_loads_with_datasets(tapc: Tapc, quickstart: Path, tmp_path: Path) -> None:
    tapc("run", "quickstart.tap")
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets

    for config in ("preference", "sft"):
        loaded: Any = datasets.load_dataset(
            str(tmp_path / "out" / "quickstart"), config, cache_dir=str(tmp_path / "cache")
        )
        assert loaded["train"].num_rows == 60
    assert set(datasets.get_dataset_config_names(str(tmp_path / "out" / "quickstart"))) >= {"preference", "sft"}


def test_editing_a_prompt_asks_only_that_step_and_what_depends_on_it(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap")
    edit(quickstart, 'prompt "{{ question }}"', 'prompt "{{ question }} Explain briefly."')
    plan = json.loads(tapc("plan", "quickstart.tap", "--json").stdout)
    to_send = {s["name"]: s["jobs"] - s["cached"] for s in plan["steps"] if s["endpoint"] not in (None, "novice")}
    assert to_send["question"] == 0
    assert to_send["answer"] == 120
    run = tapc.run("quickstart.tap")
    assert run["requests"]["cached"] >= 60
    assert 480 <= run["requests"]["sent"] < 560


def test_raising_samples_asks_for_new_slots_only(tapc: Tapc, quickstart: Path) -> None:
    first = tapc.run("quickstart.tap")
    edit(quickstart, "samples 60", "samples 90")
    plan = json.loads(tapc("plan", "quickstart.tap", "--json").stdout)
    question = next(s for s in plan["steps"] if s["name"] == "question")
    kept = question["cached"]
    assert question["jobs"] == 90
    assert kept >= 40, "exact rounding moves a few slots, no more"
    second = tapc.run("quickstart.tap")
    assert second["samples"] == {"planned": 90, "accepted": 90, "short": 0}
    per_slot = first["requests"]["sent"] / 60
    assert second["requests"]["sent"] <= (90 - kept) * per_slot * 1.25


def test_offline_rebuilds_the_same_bytes_without_environment(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap")
    before = tapc.bytes_of("quickstart")
    run = tapc.run("quickstart.tap", "--offline", TAPC_SIM="latency=nonsense")
    assert run["requests"]["sent"] == 0
    assert tapc.bytes_of("quickstart") == before


def test_concurrency_does_not_change_a_byte(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap", "--store", "a", "--concurrency", "1")
    before = tapc.bytes_of("quickstart")
    tapc("run", "quickstart.tap", "--store", "b", "--concurrency", "64", TAPC_SIM="latency=0.001..0.02")
    assert tapc.bytes_of("quickstart") == before


def test_a_run_that_makes_no_row_leaves_the_dataset_as_it_was(tapc: Tapc, quickstart: Path) -> None:
    nothing = tapc("run", "quickstart.tap", "--limit", "4", "--partial").stdout
    assert "No sample was accepted and nothing is written: there is no out/quickstart." in nothing
    assert not (tapc.folder / "out" / "quickstart").exists()
    tapc("run", "quickstart.tap", "--limit", "4")
    before = tapc.bytes_of("quickstart")
    with CountingServer(lambda _: Answer(status=404, bills=False)) as server:
        elsewhere = [f"--endpoint=writer={server.url}#gone", "--limit", "4", "--yes"]
        done = tapc("run", "quickstart.tap", *elsewhere, code=5)
    assert "out/quickstart stays as it was" in done.stdout
    assert "\n\n\n" not in done.stdout
    assert "manifest.json" not in done.stdout
    assert tapc.bytes_of("quickstart") == before


def test_limit_makes_the_first_slots_and_the_rest_reuses_them(tapc: Tapc, quickstart: Path) -> None:
    first = tapc.run("quickstart.tap", "--limit", "12")
    assert first["samples"] == {"planned": 12, "accepted": 12, "short": 0}
    whole = tapc.run("quickstart.tap")
    assert whole["samples"]["accepted"] == 60
    assert whole["requests"]["cached"] >= 12 * 9


def test_the_same_spec_against_a_server_over_a_socket(tapc: Tapc, quickstart: Path, served: Callable[..., str]) -> None:
    url = served()
    names = ("writer", "tutor", "novice", "referee")
    over_http = tapc.run("quickstart.tap", *(f"--endpoint={name}={url}" for name in names))
    assert over_http["samples"]["accepted"] == 60
    remote = tapc.bytes_of("quickstart")
    tapc("run", "quickstart.tap", "--store", "other")
    embedded = tapc.bytes_of("quickstart")
    assert {k: v for k, v in remote.items() if k.startswith("data/")} == {
        k: v for k, v in embedded.items() if k.startswith("data/")
    }, "the same simulated model answers the same in process and over HTTP"


def test_a_dead_endpoint_stops_the_run_at_once_and_costs_nothing(tapc: Tapc, quickstart: Path) -> None:
    done = tapc("run", "quickstart.tap", "--endpoint", "writer=http://127.0.0.1:9/v1#some-model", "--yes", code=5)
    assert "writer" in done.stderr
    assert "TAP9" in done.stderr
    assert not (tapc.folder / "out" / "quickstart").exists()


def test_paying_needs_a_yes(tapc: Tapc, quickstart: Path) -> None:
    done = tapc("run", "quickstart.tap", "--endpoint", "writer=http://127.0.0.1:9/v1#some-model", code=2)
    assert "--yes" in done.stderr


def test_a_budget_stops_the_run_and_a_higher_one_goes_on(tapc: Tapc, quickstart: Path) -> None:
    edit(quickstart, "budget { cost $1.00 }", "budget { cost $0.02 }")
    assert tapc("plan", "quickstart.tap", code=3).returncode == 3
    stopped = tapc.run("quickstart.tap", code=3)
    assert stopped["stopped"] == "budget"
    assert stopped["spend"]["usd"] <= 0.02
    assert stopped["samples"]["short"] > 0
    edit(quickstart, "budget { cost $0.02 }", "budget { cost $1.00 }")
    resumed = tapc.run("quickstart.tap")
    assert resumed["samples"]["accepted"] == 60
    assert resumed["requests"]["cached"] > 0
    whole = tapc.bytes_of("quickstart")
    tapc("run", "quickstart.tap", "--store", "fresh")
    assert whole == tapc.bytes_of("quickstart")


def start_slowly(tapc: Tapc, *, replies: int = 0, accepted: int = 0) -> "subprocess.Popen[str]":
    """Start a run against slow models and wait until it has some replies, and some samples."""
    process = tapc.start("run", "quickstart.tap", "--concurrency", "8", "--log-json", TAPC_SIM="latency=0.1")
    assert process.stderr is not None
    for line in process.stderr:
        event = json.loads(line)
        if event["event"] != "progress" or event["accepted"] < accepted:
            continue
        if sum(s["done"] + s["cached"] for s in event["steps"]) >= replies:
            return process
    raise AssertionError(f"the run ended by itself: {process.communicate()}")


def test_killed_at_any_moment_the_same_command_finishes_with_the_same_bytes(tapc: Tapc, quickstart: Path) -> None:
    for replies in (5, 40, 90):
        process = start_slowly(tapc, replies=replies)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not (tapc.folder / "out" / "quickstart").exists()
    finished = tapc.run("quickstart.tap")
    assert finished["requests"]["cached"] >= 90
    assert finished["samples"]["accepted"] == 60
    resumed = tapc.bytes_of("quickstart")
    tapc("run", "quickstart.tap", "--store", "fresh")
    assert tapc.bytes_of("quickstart") == resumed
    assert [p.name for p in (tapc.folder / "out").iterdir() if ".new-" in p.name] == []


def test_ctrl_c_writes_what_is_finished_and_says_how_to_go_on(tapc: Tapc, quickstart: Path) -> None:
    process = start_slowly(tapc, accepted=3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert "run the same command again" in out
    manifest = tapc.manifest("quickstart")
    assert manifest["samples"]["accepted"] < 60
    assert tapc.run("quickstart.tap")["samples"]["accepted"] == 60


def test_output_is_plain_in_pipes_and_with_no_color(tapc: Tapc, quickstart: Path) -> None:
    for arguments in (("plan", "quickstart.tap"), ("run", "quickstart.tap"), ("check", "quickstart.tap")):
        done = tapc(*arguments)
        assert "\x1b" not in done.stdout + done.stderr
    assert "\x1b[" in tapc("plan", "quickstart.tap", "--color", "always").stdout
    assert "\x1b[" not in tapc("plan", "quickstart.tap", NO_COLOR="1").stdout


def test_keys_never_reach_disk_or_output(tapc: Tapc, quickstart: Path, served: Callable[..., str]) -> None:
    secret = "sk-test-0123456789abcdefghijklmnop"
    url = served("--key", secret)
    edit(
        quickstart,
        'model "sim-writer"\n',
        f'model "sim-writer"\n    url "{url}"\n    key env("WRITER_KEY")\n',
    )
    done = tapc("run", "quickstart.tap", WRITER_KEY=secret)
    assert secret not in done.stdout + done.stderr
    for path in tapc.folder.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    missing = tapc("run", "quickstart.tap", "--store", "fresh", code=5)
    assert "WRITER_KEY" in missing.stderr
    wrong = tapc("run", "quickstart.tap", "--store", "fresh", code=5, WRITER_KEY="sk-wrong-0123456789abcdef")
    assert "TAP904" in wrong.stderr
    assert "sk-wrong" not in wrong.stdout + wrong.stderr


def test_settings_of_the_simulation_that_make_no_sense_are_told(tapc: Tapc, quickstart: Path) -> None:
    done = tapc("run", "quickstart.tap", code=2, TAPC_SIM="rate_refusal=1%")
    assert "TAP929" in done.stderr
    assert "rate_refusal" in done.stderr


def test_a_full_disk_keeps_the_last_version_and_what_was_paid_for(tapc: Tapc, quickstart: Path) -> None:
    """A limit on the size of files stands in for a full disk; the store alone fits under it."""
    tapc("run", "quickstart.tap", "--limit", "5")
    before = tapc.bytes_of("quickstart")
    limited = subprocess.run(
        ["bash", "-c", f"ulimit -f 900; exec {sys.executable} -m tapc run quickstart.tap"],
        cwd=tapc.folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert limited.returncode == 5, limited.stdout + limited.stderr
    assert "Traceback" not in limited.stderr
    assert "TAP" in limited.stderr
    assert tapc.bytes_of("quickstart") == before
    assert tapc.run("quickstart.tap")["samples"]["accepted"] == 60
