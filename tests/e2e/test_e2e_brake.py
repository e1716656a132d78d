"""Runs in which too little passes are stopped after few requests, as a server counts them, and others are not."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from counting_server import Answer, Asked, CountingServer
from driving import Tapc
from paid_spec import ledger, paid, written

QUESTION = 'generate question { using w, prompt "Ask about {{ topic }}." }\n'
ANSWER = 'generate answer { using w, prompt "Answer: {{ question }}" }\n'
RUBRIC = 'rubric plain { aspect clarity 1..5: "Is it clear?" }\n'
CHECK = """import json, sys
for line in sys.stdin:
    print(json.dumps({"accept": False, "reason": "never"}))
"""


def said(text: str) -> Answer:
    return Answer(text, delay=0.01)


def verdict(score: int):
    """Judges everything alike."""

    def behave(asked: Asked) -> Answer:
        judged = "response_format" in asked.body or "JSON object" in str(asked.body["messages"])
        return said(json.dumps({"rationale": "so it is", "clarity": score})) if judged else Answer(delay=0.01)

    return behave


REJECTING = {
    "a check": (
        QUESTION + 'generate answer { using w, prompt "{{ question }}", attempts 3, require length 1..2 words }',
        None, "answer", "length-bounds", "require length 1..2 words",
    ),
    "a check of each of several candidates": (
        QUESTION + 'generate answer { using w, each 4, prompt "{{ question }}", attempts 2, require length 1..2 words }',
        None, "answer", "length-bounds", "require length 1..2 words",
    ),
    "a check with memory": (
        'generate answer { using w, prompt "About {{ topic }}", attempts 3, require unique 0.9 }',
        lambda _: said("It is always the same text that comes back from this model."), "answer", "duplicate", "require unique 0.9",
    ),
    "replies that are cut": (
        QUESTION + 'generate answer { using w, prompt "{{ question }}", attempts 3, max_tokens 50 }',
        lambda a: Answer("A text without", finish="length" if a.limit == 50 else "stop", delay=0.01), "answer", "cut", "max_tokens 50",
    ),
    "refusals": (
        QUESTION + 'generate answer { using w, prompt "Answer: {{ question }}" }',
        lambda a: Answer("", message={"refusal": "I will not."} if a.prompt.startswith("Answer") else {"content": f"Why {a.number}?"}),
        "answer", "refusal", "generate answer",
    ),
    "structures that cannot be read": (
        'generate answer { using w, prompt "About {{ topic }}", attempts 3, returns { title text } }',
        None, "answer", "invalid", "returns { title text }",
    ),
    "a judge whose replies cannot be read": (
        RUBRIC + QUESTION + ANSWER + "judge verdict { of answer, using w, rubric plain, attempts 2 }",
        None, "verdict", "missing-verdict", "attempts 2",
    ),
    "a threshold that nothing reaches": (
        RUBRIC + QUESTION + ANSWER + "judge verdict { of answer, using w, rubric plain, require score overall >= 4 }",
        verdict(2), "verdict", "score", "require score overall >= 4",
    ),
    "a wrong extractor": (
        QUESTION + 'generate answer { using w, each 8, prompt "{{ question }}" }\nvote majority { of answer, extract boxed }',
        None, "majority", "no-answer", "extract boxed",
    ),
    "a margin that no pair has": (
        RUBRIC + QUESTION + 'generate answer { using w, each 2, prompt "{{ question }}" }\n'
        "judge verdict { of answer, using w, rubric plain }\npair choice { of answer, by verdict.overall, margin >= 1 }",
        verdict(3), "choice", "tie", "by verdict.overall",
    ),
    "a program that rejects": (
        QUESTION + 'generate answer { using w, prompt "{{ question }}", require run ["PYTHON", "check.py"] }',
        None, "answer", "run", "require run",
    ),
    "a program that scores nothing": (
        QUESTION + ANSWER + 'score size { of answer, run ["PYTHON", "check.py"] }',
        None, "size", "nonsense", "score size",
    ),
}  # fmt: skip


def spec_of(tapc: Tapc, url: str, steps: str, *, samples: int = 400, more: str = "", last: str | None = None) -> str:
    """A spec of so many samples; what is emitted is the last step, or the answer where that is no text."""
    (tapc.folder / "check.py").write_text(CHECK, encoding="utf-8")
    steps = steps.replace("PYTHON", sys.executable)
    pairs = "preference { from choice }" if "pair choice" in steps else f"sft {{ from {last or 'answer'} }}"
    scored = re.findall(r"^(?:judge|vote|score) (\w+)", steps, re.MULTILINE)
    accept = f"\n  accept [{', '.join(scored)}]" if scored and "pair choice" not in steps else ""
    return written(tapc, paid(url, samples=samples, steps=steps, emits=f"emit {pairs}{accept}\n  {more}"))


@pytest.mark.parametrize("kind", REJECTING)
def test_what_rejects_everything_is_stopped_by_the_brake(tapc: Tapc, kind: str) -> None:
    steps, behave, step, reason, code = REJECTING[kind]
    with CountingServer(*([behave] if behave else [])) as server:
        spec = spec_of(tapc, server.url, steps)
        done = tapc("run", spec, "--yes", "--allow-run", code=5)
        sent = len(server.asked)
        tries = [a for a in server.asked if not a.prompt.startswith("Ask about")]
        assert len(tries) <= 200
        finding = done.stderr[done.stderr.index("error[TAP940]") :]
        assert f"by `{step}` ({reason})" in finding.splitlines()[0]
        assert code in finding, "the line that rejects is shown"
        assert finding.count("rejected: ") == 3
        assert f"was spent on {sent} requests" in finding
        assert "--no-brake" in finding
        assert "Stopped by the brake" in done.stdout
        assert "TAP940" not in done.stdout
        assert ledger(tapc)[0].cost == server.billed
        before = tapc.bytes_of("money") if (tapc.folder / "out").exists() else None

        again = tapc.run(spec, "--yes", "--allow-run", code=5)
        assert len(server.asked) == sent, "running again without an edit spends nothing"
        assert again["stopped"] == "brake"
        assert again["requests"]["sent"] == 0
        brake = again["brake"]
        assert (brake["step"], brake["reason"]) == (step, reason)
        assert len(brake["examples"]) == 3
        assert brake["rejected"] >= brake["samples"] - 1
        assert brake["rejected"] >= brake["blamed"] > brake["rejected"] / 2

        tapc("run", spec, "--offline", code=5)
        if before is not None:
            assert tapc.bytes_of("money") == before, "the brake changes nothing of what is made"
        offline = tapc.run(spec, "--offline", code=5)
        assert offline["stopped"] is None
        assert offline["brake"] is None


def test_the_brake_does_not_change_what_a_store_folds_to(tapc: Tapc) -> None:
    """A run to the end without it; then one with it over the same store, which stops, and one without: equal bytes."""
    steps = 'generate answer { using w, prompt "About {{ topic }}", attempts 1, require matches "(?s).*request [0-9]*[05]\\\\..*" }'
    with CountingServer() as server:
        spec = spec_of(tapc, server.url, steps, samples=60)
        whole = tapc.run(spec, "--yes", "--no-brake", code=5)
        assert whole["stopped"] is None
        assert whole["samples"]["accepted"] > 5
        sent, made = len(server.asked), tapc.bytes_of("money")
        assert sent == 120, "every planned sample, and a replacement for each"
        for arguments in ((), ("--no-brake",), ("--offline",)):
            again = tapc.run(spec, "--yes", *arguments, code=5)
            assert again["stopped"] == (None if arguments else "brake")
            assert tapc.bytes_of("money") == made
        assert len(server.asked) == sent

    shutil.rmtree(tapc.folder / "out")
    assert tapc.run(spec, "--yes", code=5)["stopped"] == "brake"
    assert tapc.bytes_of("money") == made, "it is where there was no dataset before, too"


def test_a_half_that_passes_is_not_stopped(tapc: Tapc) -> None:
    """Every second reply passes, which a reserve of all samples suffices for."""
    steps = 'generate answer { using w, prompt "About {{ topic }}", attempts 1, require matches "(?s).*request [0-9]*[02468]\\\\..*" }'
    with CountingServer() as server:
        run = tapc.run(spec_of(tapc, server.url, steps, samples=100), "--yes", code=None)
    assert run["stopped"] is None
    assert run["samples"]["accepted"] > 60


def test_a_plan_without_a_reserve_is_not_stopped_for_some_rejected_samples(tapc: Tapc) -> None:
    steps = 'generate answer { using w, prompt "About {{ topic }}", attempts 1, require matches "(?s).*request [0-9]*[1-9]\\\\..*" }'
    with CountingServer() as server:
        run = tapc.run(spec_of(tapc, server.url, steps, samples=100, more="reserve 0% at_least 0"), "--yes", code=5)
    assert run["stopped"] is None
    assert run["samples"]["accepted"] == 90


def test_failures_of_an_endpoint_are_not_rejections(tapc: Tapc) -> None:
    def behave(asked: Asked) -> Answer:
        return Answer(status=400, bills=False) if asked.prompt.startswith("Answer") and asked.number % 3 else Answer()

    with CountingServer(behave) as server:
        spec = spec_of(tapc, server.url, QUESTION + ANSWER, samples=60)
        assert tapc.run(spec, "--yes", code=5)["stopped"] is None
        given_up = tapc.run(spec, "--yes", "--give-up", code=None)
    assert given_up["stopped"] is None
    assert given_up["brake"] is None


def test_a_mended_spec_goes_on(tapc: Tapc) -> None:
    steps = (
        QUESTION + 'generate answer { using w, prompt "Answer: {{ question }}", attempts 3, require length 1..2 words }'
    )
    with CountingServer() as server:
        spec = spec_of(tapc, server.url, steps, samples=100)
        assert tapc.run(spec, "--yes", code=5)["stopped"] == "brake"
        asked = {a.job for a in server.asked}
        spec_of(tapc, server.url, steps.replace("1..2 words", "1..20 words"), samples=100)
        run = tapc.run(spec, "--yes")
        assert run["samples"]["accepted"] == 100
        assert len(server.asked) == len({a.job for a in server.asked}), "nothing is asked twice"
        assert asked < {a.job for a in server.asked}


def test_texts_of_a_finding_are_safe_to_print(tapc: Tapc) -> None:
    key = "sk-" + "proj-" + "Aq3xT9kLw2Zr8Yb5Nc7Vd1Mf4Gh6Jp0SuQeRtWyUiOaXs" * 3
    steps = 'generate answer { using w, prompt "About {{ topic }}", require length 1..2 words }'
    with CountingServer(lambda _: Answer(f"A\x1b[31mred\x07 \u202eword\nand {key} to keep", delay=0.01)) as server:
        spec = spec_of(tapc, server.url, steps)
        done = tapc("run", spec, "--yes", "--json", code=5)
    shown = done.stderr[done.stderr.index("TAP940") :]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown)
    assert "\\x1b[31mred" in shown
    assert key not in done.stdout + done.stderr
    assert "***" in json.loads(done.stdout)["brake"]["examples"][0]["text"]


def test_a_slow_first_reply_does_not_let_the_others_burn_money(tapc: Tapc) -> None:
    """Nothing is known before the first sample has ended; meanwhile only few others are asked for."""
    steps = 'generate answer { using w, prompt "About {{ topic }}", require length 1..2 words }'
    with CountingServer(lambda a: Answer(delay=1.5 if a.number == 0 else 0.002)) as server:
        spec = written(
            tapc, paid(server.url, samples=2000, steps=steps, emits="emit sft { from answer }", timeout="20s")
        )
        spec_text = (tapc.folder / spec).read_text().replace("price { input $1/M, output $4/M }", "price free")
        Path(tapc.folder / spec).write_text(spec_text)
        assert tapc.run(spec, "--yes", code=5)["stopped"] == "brake"
        assert len(server.asked) <= 2 * 64 + 12, "two attempts for each of the first 64 samples"
