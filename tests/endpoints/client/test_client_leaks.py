"""A key is found before anything of a reply is cut, whatever stands before it, and half of one is shown nowhere."""

import json

import pytest

from tapc.endpoints.protocols import PROTOCOLS, Capabilities, ReplyContext
from tapc.jobs import Job, Message, Recipe, worst_case
from tapc.outside.secrets import Secrets

KEY = "sk-proj-T9xQ2mZk7Lw0Rv5Yb8Nc_Jd3Hf6G"
HALVES = tuple(KEY[at : at + 12] for at in range(len(KEY) - 12))


def read(document: dict, kind: str = "chat"):
    recipe = Recipe("s", "e", "m", "m", "real", b"{}", None, 0, False, 400, 1, 64, None)
    if kind != "chat":
        recipe = Recipe("s", "e", "m", "m", "real", b"{}", None, 0, False, 400, 1, 64, None, kind=kind)
    job = Job(b"k" * 32, recipe, (Message("user", "Hi."),))
    protocol, capabilities = next(p for p in PROTOCOLS if p.name == kind), Capabilities()
    speaker = protocol.speaker(recipe, capabilities, ReplyContext("http://h", Secrets((KEY,)), capabilities))
    reply = speaker.read(job, json.dumps(document).encode(), worst_case(job), 0.1, ((), 10**6))
    return reply, list(capabilities.oddities)


def chat(**given) -> dict:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "All is well."}}
    choice |= {name: given.pop(name) for name in ("finish_reason", "message") if name in given}
    return {"model": "m", "choices": [choice], **given}


@pytest.mark.parametrize("before", [0, 20, 40, 60, 200, 230, 255, 300, 500])
@pytest.mark.parametrize("place", ["model", "system_fingerprint", "finish_reason"])
def test_a_key_that_is_cut_is_a_leak_all_the_same(place, before):
    reply, odd = read(chat(**{place: "x" * before + KEY}))
    assert reply.outcome == "leak" and reply.texts == ("",)
    said = repr(reply) + repr(odd)
    assert not [half for half in HALVES if half in said]


@pytest.mark.parametrize("before", [0, 30, 45, 60])
def test_a_broken_generation_does_not_tell_half_a_key(before):
    failure, _ = read(
        chat(finish_reason="x" * before + KEY, message={"role": "assistant", "content": ""}) | {"error": {}}
    )
    broken, _ = read({**chat(), "choices": [{**chat()["choices"][0], "finish_reason": "error " + "x" * before + KEY}]})
    for said in (failure, broken):
        assert not [half for half in HALVES if half in repr(said)]


@pytest.mark.parametrize("n", [2, 5])
def test_a_key_in_any_of_several_completions_is_a_leak(n):
    choices = [{**chat()["choices"][0], "index": at} for at in range(n)]
    choices[-1] = {**choices[-1], "message": {"role": "assistant", "content": "", "reasoning": f"it is {KEY}"}}
    reply, _ = read({"model": "m", "choices": choices})
    assert reply.outcome == "leak" and reply.texts == ("",) * n and not reply.reasoning


def test_scores_of_a_model_that_tells_the_key():
    reply, _ = read({"model": "m" * 250 + KEY, "data": [{"index": 0, "score": 0.5}]}, kind="pooling")
    assert reply.outcome == "leak"
    assert not [half for half in HALVES if half in repr(reply)]
