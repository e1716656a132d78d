"""What the brake says of a run, figure by figure: counted by hand from which sample was answered how."""

import json

import pytest
from counting_server import Answer, Asked, CountingServer
from driving import Tapc
from paid_spec import paid, written

from tapc.engine.brake import Braked
from tapc.steps import Rejection
from tapc.workspace.run.braking import brake_entry

KEYS = [f"sk-{'proj'}-{letter * 3}Aq3xT9kLw2Zr8Yb5Nc7Vd1Mf4Gh6Jp0SuQeRtWyUiOaXs{letter * 20}" for letter in "kQ"]
LONG = f"first {KEYS[0]} then {KEYS[1]} end " + "word " * 200


def behave(asked: Asked) -> Answer:
    """Three topics get a text that is too long, the fourth one that does not match."""
    return Answer("wrong" if "delta" in asked.prompt else LONG, delay=0.005)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory):
    tapc = Tapc(tmp_path_factory.mktemp("brake"))
    steps = (
        'generate answer { using w, prompt "About {{ topic }}", attempts 1, require length 1..2 words, '
        'require matches "^right" }'
    )
    emits = "emit sft { from answer }\n  reserve 60% at_least 0"
    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, samples=400, steps=steps, emits=emits))
        done = tapc("run", spec, "--yes", "--json", code=5)
        return json.loads(done.stdout), done.stderr[done.stderr.index("error[TAP940]") :], server


def test_each_figure_is_what_was_seen(stopped) -> None:
    run, finding, server = stopped
    brake = run["brake"]
    # nothing passes, and a half has to: 0.5 * 2**12 > 2000; a rank of each topic in turn, so 3 of 4 are too long
    assert (brake["samples"], brake["rejected"], brake["blamed"]) == (12, 12, 9)
    assert (brake["step"], brake["reason"]) == ("answer", "length-bounds")
    assert brake["needed"] == round(400 / 640, 4)
    assert "12 of the first 12 samples are rejected, 9 of them by `answer` (length-bounds)" in finding
    assert "the reserve suffices if 62% of the samples or more pass" in finding
    assert f"${server.billed / 10**12:.4f} was spent on" in finding
    assert f"was spent on {len(server.asked)} requests" in finding


def test_the_line_of_the_check_is_shown_and_named(stopped) -> None:
    _, finding, _ = stopped
    assert "require length 1..2 words" in finding.split("= note")[0], "the check that rejects most, and not the other"
    assert '"^right"' not in finding.split("^^^")[-1]
    assert "change `require length`, the prompt, or `attempts` of `answer`" in finding


def test_texts_are_cut_and_have_no_keys(stopped) -> None:
    run, finding, _ = stopped
    for example in run["brake"]["examples"]:
        assert example["text"].startswith("first *** then *** end word")
        assert len(example["text"]) == 500
        assert len(example["detail"]) <= 500
        assert (example["endpoint"], example["attempt"]) == ("w", 0)
    assert len(run["brake"]["examples"]) == 3
    assert not any(key[10:20] in finding + json.dumps(run) for key in KEYS)


def test_samples_that_pass_are_among_those_that_were_seen(tmp_path) -> None:
    """One topic of four passes, and a half has to; ranks take the topics in turn."""
    tapc = Tapc(tmp_path)
    steps = 'generate answer { using w, prompt "About {{ topic }}", attempts 1, require matches "^right" }'
    emits = "emit sft { from answer }\n  reserve 60% at_least 0"
    with CountingServer(
        lambda asked: Answer(f"{'right' if 'delta' in asked.prompt else 'no'} {asked.number}")
    ) as server:
        spec = written(tapc, paid(server.url, samples=400, steps=steps, emits=emits))
        done = tapc("run", spec, "--yes", "--json", code=5)
    brake = json.loads(done.stdout)["brake"]
    assert abs(brake["rejected"] - 3 / 4 * brake["samples"]) < 1
    assert brake["blamed"] == brake["rejected"]
    said = f"{brake['rejected']} of the first {brake['samples']} samples are rejected, all by `answer` (matches)"
    assert said in done.stderr


STEP = """generate answer {
    using w
    prompt "About {{ topic }}"
    attempts 1
    max_tokens 50
    require length 1..2 words
    require matches "^right"
  }"""


@pytest.mark.parametrize(
    ("reply", "line", "advice"),
    [
        (Answer("more than two words"), "require length 1..2 words", "change `require length`"),
        (Answer("no"), 'require matches "^right"', "change `require matches`"),
        (Answer("A text without", finish="length"), "max_tokens 50", "look at `max_tokens` of `answer`"),
        (Answer("", message={"refusal": "I will not."}), "generate answer {", "change the prompt, the model or"),
    ],
)
def test_the_line_that_is_shown_is_the_one_to_change(tmp_path, reply: Answer, line: str, advice: str) -> None:
    """The check, the field that decides about the reason, or else the step."""
    tapc = Tapc(tmp_path)
    with CountingServer(lambda _: reply) as server:
        spec = written(tapc, paid(server.url, samples=400, steps=STEP, emits="emit sft { from answer }"))
        done = tapc("run", spec, "--yes", code=5)
    excerpt = done.stderr[done.stderr.index("error[TAP940]") :].split("= note")[0].splitlines()
    shown = [row.partition("│")[2].strip() for row in excerpt if "│" in row and "^^" not in row]
    assert shown[0] == line
    assert any(advice in row for row in done.stderr.splitlines())


@pytest.mark.parametrize(("need", "least", "most"), [("", 10, 16), ("need 1,", 120, 170)])
def test_candidates_that_all_have_to_pass_say_more_than_those_of_which_one_has_to(tmp_path, need, least, most) -> None:
    """Nothing passes, and one sample of twenty has to.

    Where all four candidates have to, each passes with 0.05 ** (1/4) = 0.47, and 0.53 ** 14 is as unlikely as 0.5 / 2000;
    where one of them suffices, each passes with 0.013, and it takes 0.95 ** 162.
    """
    tapc = Tapc(tmp_path)
    steps = f'generate answer {{ using w, each 4, {need} prompt "About {{{{ topic }}}}", attempts 1, require length 1..2 words }}'
    emits = "emit sft { from answer }\n  reserve 1900% at_least 0"
    with CountingServer(lambda _: Answer("more than two words")) as server:
        spec = written(tapc, paid(server.url, samples=60, steps=steps, emits=emits))
        run = tapc.run(spec, "--yes", code=5)
    assert least <= run["brake"]["samples"] <= most


def test_neither_text_nor_reason_of_an_example_shows_a_key() -> None:
    """A program may name in its reason what it has read."""
    text = Rejection("answer", 0, 1, "run", f"it says {KEYS[0]}, twice: {KEYS[0]}", f"Use {KEYS[1]}.", "writer")
    (shown,) = brake_entry(Braked("answer", "run", 9, 8, 8, 0.5, (text,))).examples
    assert (shown.text, shown.detail) == ("Use ***.", "it says ***, twice: ***")
