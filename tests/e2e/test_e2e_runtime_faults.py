"""Servers that fail in every way: no hang, a clear end, and everything else kept."""

import json
import re
import socket

import pytest
from counting_server import Answer, Asked, CountingServer, well
from driving import Tapc
from paid_spec import ledger, paid, written

from tapc.store import Amount

SECRET = "sk-live/abcdefghijklmnopqrstuvwxyz0123456789"
KEY = 'key env("MONEY_KEY")'


def nowhere(tapc: Tapc, secret: str) -> None:
    """The secret, and any long part of it, is in no file."""
    for path in tapc.folder.rglob("*"):
        if path.is_file():
            assert secret[:12].encode() not in path.read_bytes(), path


def test_requests_that_never_succeed_are_named_and_the_rest_is_kept(tapc: Tapc) -> None:
    """Some jobs hang, break off or make no sense for ever, others once; all waits end, and only the former are missing."""
    always, once = ("hang", "part", "garbage"), ("trickle", "drop", "flood")
    doomed: dict[str, str] = {}

    def behave(asked: Asked) -> Answer:
        if asked.number > 4 and len(doomed) < len(always + once) and asked.job not in doomed:
            doomed[asked.job] = (always + once)[len(doomed)]
            return Answer(end=doomed[asked.job])
        return Answer(end=end if (end := doomed.get(asked.job, "")) in always else "whole", delay=0.01)

    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, timeout="1s"))
        done = tapc("run", spec, "--yes", code=5)
        assert "3 requests without a reply" in done.stdout
        for said in ("no complete answer in time", "in the middle of its answer", "cannot be read"):
            assert said in done.stdout.replace("\n", " ")
        manifest = tapc.manifest("money")
        assert manifest["samples"] == {"planned": 40, "accepted": 37, "short": 3}
        run = json.loads((tapc.folder / "out" / "money" / "run.json").read_text(encoding="utf-8"))
        assert run["requests"]["failed"] == 3
        assert sum(loss["jobs"] for loss in run["lost"]) == 3
        assert {(loss["step"], loss["endpoint"], loss["reason"]) for loss in run["lost"]} == {
            ("question", "w", "failed")
        }
        assert server.billed <= ledger(tapc)[0].cost
        written_bytes = tapc.bytes_of("money")
        tapc("run", spec, "--offline", code=5)
        assert tapc.bytes_of("money") == written_bytes, "a run that failed in part writes what its store says"
        before = len(server.asked)
        server.behave = well
        assert tapc.run(spec, "--yes")["samples"]["accepted"] == 40
        assert len(server.asked) == before + 6


@pytest.mark.parametrize(
    ("status", "code", "asked"),
    [
        (401, "TAP904", 1),
        (403, "TAP904", 1),
        (404, "TAP906", 1),
        (302, "TAP907", 1),
        (402, "TAP911", 1),
        (400, "TAP912", 16),
    ],
)
def test_what_no_request_can_get_around_ends_the_run_at_once(tapc: Tapc, status: int, code: str, asked: int) -> None:
    """The error echoes the key where it would be cut in two, and tries to color the terminal."""
    error = "x" * 275 + SECRET + " \x1b[31mred\x1b]0;title\x07"
    location = (("location", f"http://127.0.0.1:1/v2?key={SECRET}"),)
    with CountingServer(lambda _: Answer(status=status, bills=False, error=error, headers=location)) as server:
        spec = written(tapc, paid(server.url, endpoint=KEY))
        done = tapc("run", spec, "--yes", code=5, MONEY_KEY=SECRET)
        assert code in done.stderr
        assert len(server.asked) == asked
        assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
        assert (ledger(tapc)[0].cost, ledger(tapc)[1].cost) == (0, 0)
        shown = done.stdout + done.stderr
        assert SECRET[:12] not in shown
        assert "\x1b" not in shown
        assert "\x07" not in shown
        nowhere(tapc, SECRET)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_found_before_any_money(tapc: Tapc, status: int) -> None:
    with CountingServer(models=status) as server:
        spec = written(tapc, paid(server.url, endpoint=KEY))
        done = tapc("run", spec, "--yes", code=5, MONEY_KEY=SECRET)
        assert "TAP904" in done.stderr
        assert not server.asked
        assert not (tapc.folder / "out" / "money").exists()
        nowhere(tapc, SECRET)


def test_an_echoed_key_is_a_leak_and_stands_nowhere(tapc: Tapc) -> None:
    """In the text, in the reasoning, in the name of the model: the reply is discarded, and the slot replaced."""

    def behave(asked: Asked) -> Answer:
        echo = "you sent " + asked.headers["authorization"]
        kind = int(asked.job, 16) % 8
        if kind == 0:
            return Answer(text=echo)
        return Answer(message={"reasoning_content": echo}) if kind == 1 else Answer()

    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, endpoint=KEY))
        plan = tapc("plan", spec, "--json", MONEY_KEY=SECRET)
        done = tapc("run", spec, "--yes", "--log-json", MONEY_KEY=SECRET)
        assert SECRET[:12] not in plan.stdout + plan.stderr + done.stdout + done.stderr
        leaks = [row for row in tapc.rows("money", "rejects") if row["reason"] == "leak"]
        assert leaks
        assert {row["text"] for row in leaks} == {""}
        assert tapc.manifest("money")["samples"]["accepted"] == 40
        nowhere(tapc, SECRET)
        exported = tapc("cache", "export", "all.replies", code=None)
        assert SECRET[:12] not in exported.stdout + exported.stderr
        nowhere(tapc, SECRET)


def test_a_short_key_does_no_harm(tapc: Tapc) -> None:
    with CountingServer(lambda a: Answer(text=f"EMPTY words {a.number}")) as server:
        spec = written(tapc, paid(server.url, endpoint=KEY))
        tapc("run", spec, "--yes", MONEY_KEY="EMPTY")
        assert not (tapc.folder / "out" / "money" / "data" / "rejects").exists()
        assert all("EMPTY" in row["messages"][-1]["content"] for row in tapc.rows("money", "sft"))


def dead_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def test_an_endpoint_that_never_answers_is_given_up_after_two_time_limits(tapc: Tapc) -> None:
    """It takes connections, lists its models, and is silent from then on."""
    with CountingServer(lambda _: Answer(end="hang")) as server:
        spec = written(tapc, paid(server.url, timeout="1500ms"))
        done = tapc("run", spec, "--yes", code=5)  # within 240 s, and not 300 as for one that has answered before
        said = " ".join(done.stderr.split())
        assert "error[TAP905]" in said
        assert re.search(r"given up after \d+ failures in \d+ s, it has never answered", said)
        assert "raise the endpoint's `transport { timeout" in said
        assert "40 requests without a reply" in done.stdout
        assert ledger(tapc) == (Amount(ledger(tapc)[0].cost, ledger(tapc)[0].tokens, len(server.asked)), Amount())
        assert server.billed <= ledger(tapc)[0].cost
        server.behave = well
        assert tapc.run(spec, "--yes")["samples"]["accepted"] == 40


def test_a_replica_that_is_not_there_is_done_without(tapc: Tapc) -> None:
    with CountingServer() as server:
        spec = written(tapc, paid(f'["{dead_port()}", "{server.url}"]'))
        done = tapc("run", spec, "--yes")
        assert tapc.manifest("money")["samples"]["accepted"] == 40
        assert "TAP905" in done.stderr, "it is said, although the run went well"


def test_a_replica_that_dies_in_the_middle_is_done_without(tapc: Tapc) -> None:
    """From its twentieth request on it drops everything; each lost request is charged, none is lost to the dataset."""

    def dying(asked: Asked) -> Answer:
        return Answer(delay=0.01) if asked.number < 20 else Answer(end="drop", bills=False)

    with CountingServer(dying) as one, CountingServer() as two:
        spec = written(tapc, paid(f'["{one.url}", "{two.url}"]'))
        tapc("run", spec, "--yes")
        assert tapc.manifest("money")["samples"]["accepted"] == 40
        assert one.billed + two.billed <= ledger(tapc)[0].cost
        assert len(two.asked) >= 40


def test_structured_replies_are_asked_again_and_then_replaced(tapc: Tapc) -> None:
    """Every way to miss a schema ends in `rejects` with its reason; what is accepted is valid."""

    def behave(asked: Asked) -> Answer:
        if "response_format" not in asked.body:
            return Answer()
        good = json.dumps({"title": f"Plan {asked.number}", "level": 2})
        return {
            0: Answer(text=good[:-4]),
            1: Answer(text='{"title": "x", "level": 99}'),
            2: Answer(text=good[:9], finish="length"),
            3: Answer(text="", message={"refusal": "I cannot help with that.", "content": None}),
            4: Answer(text="", finish="content_filter"),
            5: Answer(text=f"```json\n{good}\n```"),
        }.get(int(asked.job, 16) % 12, Answer(text=good))

    steps = """
  generate plan { using w, prompt "Plan about {{ topic }}.", returns { title text, level integer 1..5 }, attempts 2 }
  generate answer { using w, prompt "Answer: {{ plan.title }} of level {{ plan.level }}" }
"""
    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, steps=steps))
        tapc("run", spec, "--yes")
        rejects = tapc.rows("money", "rejects")
        assert {row["reason"] for row in rejects} == {"invalid", "cut", "refusal", "filtered"}
        assert {row["attempt"] for row in rejects} == {0, 1}, "asked again, but no more than twice"
        rows = tapc.rows("money", "sft")
        assert len(rows) == 40
        assert sorted(tapc.manifest("money")["counts"]["topic"].values()) == [10, 10, 10, 10], "replaced in their cell"
        assert all(" of level 2" in row["messages"][0]["content"] for row in rows)


def test_a_schema_is_prompted_where_the_endpoint_refuses_it(tapc: Tapc) -> None:
    def behave(asked: Asked) -> Answer:
        if "response_format" in asked.body:
            return Answer(status=400, bills=False, error="response_format is not supported by this model")
        return Answer(text='{"title": "fine"}') if "JSON Schema" in asked.prompt else Answer()

    steps = """
  generate plan { using w, prompt "Plan about {{ topic }}.", returns { title text } }
  generate answer { using w, prompt "Answer: {{ plan.title }}" }
"""
    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, steps=steps))
        tapc("run", spec, "--yes")
        assert sum("response_format" in a.body for a in server.asked) < 10, "it is not offered again and again"
        assert server.billed == ledger(tapc)[0].cost


def test_rate_limits_are_waited_out_and_cost_nothing(tapc: Tapc) -> None:
    """Two of three requests are turned away with a wait; every job is answered once."""
    turned: dict[str, int] = {}

    def behave(asked: Asked) -> Answer:
        turned[asked.job] = turned.get(asked.job, 0) + 1
        if turned[asked.job] <= 2:
            return Answer(status=429, bills=False, headers=(("retry-after-ms", "20"),))
        return Answer()

    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, samples=20))
        run = tapc.run(spec, "--yes")
        assert run["requests"] == run["requests"] | {"sent": 120, "retried": 80, "failed": 0}
        assert server.billed == ledger(tapc)[0].cost
        assert ledger(tapc)[0].requests == 40


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_status_shows_a_run_from_another_terminal(tapc: Tapc) -> None:
    with CountingServer(lambda _: Answer(delay=0.3)) as server:
        spec = written(tapc, paid(server.url, endpoint="limit { concurrency 4 }"))
        process = tapc.start("run", spec, "--yes", "--log-json")
        assert process.stderr is not None
        assert any(json.loads(line)["steps"][0]["done"] >= 1 for line in process.stderr)
        seen = json.loads(tapc("status", "--json").stdout)
        process.kill()
        process.communicate()
        (running,) = seen["running"]
        assert (running["pid"], running["state"], running["dataset"]) == (process.pid, "running", "money")
        assert running["held"]["requests"] >= 1
        after = json.loads(tapc("status", "--json").stdout)
        assert not [run for run in after["running"] if run["state"] == "running"]


def test_progress_is_lines_that_parse(tapc: Tapc) -> None:
    with CountingServer(lambda _: Answer(delay=0.15)) as server:
        spec = written(tapc, paid(server.url, endpoint="limit { concurrency 4 }"))
        done = tapc("run", spec, "--yes", "--log-json", NO_COLOR="1")
        events = lines_of(done.stderr)
        progress = [event for event in events if event["event"] == "progress"]
        assert len(progress) >= 2
        spent = [int(str(event["spent"])) for event in progress]
        assert spent == sorted(spent)
        assert all(int(str(event["spent"])) + int(str(event["held"])) <= 10**12 for event in progress)
        assert "\x1b" not in done.stdout + done.stderr
