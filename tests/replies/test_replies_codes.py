"""Findings about replies, as a user meets them: through the program, with a server that answers in the odd ways."""

import json

import pytest
from called import Called
from reply_server import ReplyServer, completion

SPEC = """tap 1

dataset d {{
  samples {samples}
  endpoint e {{ model "fake", url "{url}", price {{ input $1/M, output $4/M }}, max_tokens 200, {more} }}
  generate answer {{ using e, prompt "Write one fact.", attempts 2 }}
  emit sft {{ from answer }}
}}
"""


@pytest.fixture
def play(tmp_path):
    def start(server, *, samples=4, more="limit { concurrency 1 }"):
        (tmp_path / "spec.tap").write_text(SPEC.format(url=server.url, samples=samples, more=more), encoding="utf-8")
        return Called(tmp_path)

    return start


def test_an_endpoint_that_sends_pages_is_stopped_after_three_of_them(play):
    page = b"<html><body>Welcome to our API</body></html>"
    with ReplyServer(lambda _: (200, (("content-type", "text/html"),), page)) as server:
        done = play(server)("run", "spec.tap", "--yes", code=None)
        assert done.returncode == 5
        assert "TAP916" in done.stderr and "Welcome to our API" in done.stderr
        assert len(server.asked) == 3, "not six paid tries of each of four jobs"


def test_an_unknown_finish_word_is_kept_stored_and_warned_of_once(play):
    with ReplyServer(lambda n: completion(f"Rivers carry sand, fact {n}.", finish="basta")) as server:
        tapc = play(server)
        done = tapc("run", "spec.tap", "--yes")
        assert len(tapc.rows("d", "sft")) == 4 and done.stderr.count("TAP917") == 1
        run = json.loads((tapc.folder / "out" / "d" / "run.json").read_text(encoding="utf-8"))
        assert run["oddities"] == {"e": {"unknown finish_reason 'basta'": 4}}
        doctor = tapc("doctor", "spec.tap", "--yes", code=None)
        assert "TAP917" in doctor.stdout + doctor.stderr


def test_doctor_says_that_the_limit_goes_by_another_name(play):
    def answer(number, body):
        if "max_tokens" in body:
            said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
            return 400, (), json.dumps({"error": {"message": said, "param": "max_tokens"}}).encode()
        return completion(f"Rivers carry sand, fact {number}.")

    with ReplyServer(answer, bodies=True) as server:
        tapc = play(server)
        doctor = tapc("doctor", "spec.tap", "--yes", code=None)
        assert "TAP936" in doctor.stdout + doctor.stderr
        assert "max_completion_tokens" in doctor.stdout + doctor.stderr
