"""`tapc test`: recorded replies or simulated models, and what a spec expects; nothing is sent, nothing stays."""

import json

import pytest
from called import Called
from counting_server import CountingServer

SPEC = """tap 1

dataset d {
  samples 6
  mix language { en, sw }
  endpoint w { model "real-model", url "URL", key env("NO_SUCH_KEY"), price { input $1/M, output $1/M } }
  generate q { using w, prompt "Ask in {{ language.name }}." }
  generate a { using w, prompt "Answer {{ q }}" }
  emit sft { from a }
  expect { samples >= 6, every language >= 3 }
}
"""


@pytest.fixture
def recorded(tmp_path) -> Called:
    """A spec whose replies came from a server that is gone."""
    tapc = Called(tmp_path)
    with CountingServer() as server:
        (tmp_path / "d.tap").write_text(SPEC.replace("URL", server.url), encoding="utf-8")
        tapc("run", "d.tap", "--yes", "-q", NO_SUCH_KEY="k")
    tapc("cache", "export", "--recording", "d.tap")
    assert (tmp_path / "tests" / "d.replies").is_file()
    return tapc


def files(tapc: Called) -> dict:
    return {p: p.read_bytes() for p in tapc.folder.rglob("*") if p.is_file() and "store.db" not in p.name}


def test_recorded_replies_serve_a_spec_without_server_key_and_store(recorded: Called) -> None:
    before = files(recorded)
    done = recorded("test", "d.tap")
    assert "passed  d.tap  d: 6 of 6 samples, 2 of 2 expectations hold  (tests/d.replies)" in done.stdout
    assert files(recorded) == before


def test_a_changed_prompt_is_not_recorded_and_the_step_is_named(recorded: Called) -> None:
    spec = recorded.folder / "d.tap"
    spec.write_text(spec.read_text(encoding="utf-8").replace("Answer {{", "Reply to {{"), encoding="utf-8")
    done = recorded("test", "d.tap", code=1)
    assert "TAP895" in done.stderr
    assert "`a` (6 samples)" in done.stderr
    assert "tapc run d.tap && tapc cache export --recording d.tap" in done.stderr
    document = json.loads(recorded("test", "d.tap", "--json", code=1).stdout)
    assert document["datasets"][0]["missing"] == {"a": 6}
    assert "TAP895" in recorded("cache", "export", "--recording", "d.tap", code=1).stderr


def test_without_a_recording_models_are_simulated_and_no_server_is_asked(tmp_path) -> None:
    tapc = Called(tmp_path)
    with CountingServer() as server:
        (tmp_path / "specs").mkdir()
        (tmp_path / "specs" / "d.tap").write_text(SPEC.replace("URL", server.url), encoding="utf-8")
        (tmp_path / "specs" / "library.tap").write_text("tap 1\nmix tone { kind, dry }\n", encoding="utf-8")
        before = files(tapc)
        assert "(simulated)" in tapc("test", "specs").stdout
        assert server.asked == []
    assert files(tapc) == before
    assert not (tmp_path / ".tapc").exists()


def test_what_is_not_as_expected_fails_with_its_place(tmp_path) -> None:
    tapc = Called(tmp_path)
    text = SPEC.replace("URL", "http://127.0.0.1:9/v1").replace("samples >= 6", "rows sft >= 7")
    (tmp_path / "d.tap").write_text(text, encoding="utf-8")
    done = tapc("test", "d.tap", code=1)
    assert "FAILED  d.tap  d: 6 of 6 samples, 1 of 2 expectations hold" in done.stdout
    assert "`rows sft >= 7` does not hold: 6" in done.stderr
    assert "d.tap:10:12" in done.stderr


def test_a_short_dataset_fails(tmp_path) -> None:
    tapc = Called(tmp_path)
    text = SPEC.replace("URL", "http://127.0.0.1:9/v1").replace('{{ q }}"', '{{ q }}", require length 1..2 words')
    (tmp_path / "d.tap").write_text(text, encoding="utf-8")
    assert "TAP896" in tapc("test", "d.tap", code=1).stderr


def test_a_folder_without_a_spec_does_not_pass(recorded: Called) -> None:
    (recorded.folder / "empty").mkdir()
    done = recorded("test", "d.tap", "empty", code=2)
    assert "there is no spec (*.tap) in empty" in done.stderr
    assert "passed" not in done.stdout


def test_a_recording_that_cannot_be_read_fails_its_spec_alone(recorded: Called) -> None:
    (recorded.folder / "e.tap").write_text((recorded.folder / "d.tap").read_text(encoding="utf-8"), encoding="utf-8")
    (recorded.folder / "tests" / "e.replies").write_text("garbage", encoding="utf-8")
    done = recorded("test", "e.tap", "d.tap", code=1)
    assert "TAP857" in done.stderr
    assert "passed  d.tap" in done.stdout
    document = json.loads(recorded("test", "e.tap", "d.tap", "--json", code=1).stdout)
    assert document["passed"] is False
    assert [one["spec"] for one in document["datasets"]] == ["d.tap"]
