"""A small spec with every kind of request, what aimock answers to it, and what that is worth."""

import json
from collections import Counter

from called import Called
from paid_spec import ledger

from tapc.store import all_keys, open_store

MODELS = ("gpt-4", "gpt-4o-mini", "gpt-4.1")
PRICE = "price { input $1/M, output $4/M }"
GIVEN, MADE = 9, 6
COST = GIVEN * 1_000_000 + MADE * 4_000_000
"""Picodollars of every reply of the fixtures."""

JOBS = 80
"""24 questions, 48 answers, and a verdict for each of 8 different answers: the same text is judged once."""


def _reply(words, **match):
    usage = {"prompt_tokens": GIVEN, "completion_tokens": MADE, "total_tokens": GIVEN + MADE}
    return {"match": match, "response": {"content": words, "usage": usage}}


def _verdict(words, clear):
    scores = {"rationale": f"It is as clear as {clear} of 5 says.", "clear": clear}
    return _reply(json.dumps(scores), userMessage=words)


FOREIGN = {
    "fixtures": [
        _verdict("The long way", 4),
        _verdict("The short way", 2),
        *(
            _reply(f"The {length} way from {topic} to beta, step by step.", userMessage=f"about {topic}?", model=model)
            for topic in ("alpha", "beta", "gamma", "delta")
            for length, model in (("long", "gpt-4"), ("short", "gpt-4o-mini"))
        ),
        *(_reply(f"What is it about {t}?", userMessage=f"Ask about {t}.") for t in ("alpha", "beta", "gamma", "delta")),
    ]
}
"""Answers follow from the request alone, so that every undisturbed run gets the same replies."""


def foreign(url, *, samples=24, key="", timeout="2s", budget="cost $1", concurrency=16):
    """The spec with all its endpoints at one server."""
    endpoints = "".join(
        f"""
  endpoint {name} {{
    model "{model}"
    url "{url}"
    {key}
    {PRICE}
    max_tokens 60
    transport {{ timeout {timeout} }}
    limit {{ concurrency {concurrency} }}
  }}"""
        for name, model in zip(("long", "short", "referee"), MODELS, strict=True)
    )
    return f"""tap 1

dataset foreign {{
  samples {samples}
  taxonomy topic {{ alpha, beta, gamma, delta }}{endpoints}
  rubric clarity {{ aspect clear 1..5: "Can a learner follow it?" {{ 1 "no", 5 "yes" }} }}
  generate question {{ using long, prompt "Ask about {{{{ topic }}}}." }}
  generate answer {{ using [long, short], prompt "{{{{ question }}}}" }}
  judge verdict {{ of answer, using referee, rubric clarity, max_tokens 200 }}
  pair choice {{ of answer, by verdict.overall, chosen best, rejected worst }}
  emit preference {{ from choice }}
  emit sft {{ from answer, best_by verdict.overall }}
  budget {{ {budget} }}
}}
"""


def written(tapc, text):
    """The spec's file."""
    (tapc.folder / "foreign.tap").write_text(text, encoding="utf-8")
    return "foreign.tap"


def undisturbed(tapc, text):
    """Every byte of the dataset that the same spec gives from an empty store, where nothing goes wrong."""
    folder = tapc.folder.parent / "undisturbed"
    folder.mkdir()
    calm = Called(folder)
    assert calm.run(written(calm, text), "--yes")["samples"] == {"planned": 24, "accepted": 24, "short": 0}
    return calm.bytes_of("foreign")


def stored(tapc):
    """How many replies the store has."""
    store = open_store(tapc.folder / ".tapc", offline=True)
    try:
        return len(all_keys(store))
    finally:
        store.close()


def balanced(tapc, billed, cap=10**12):
    """Nobody asks now: what the server billed is booked, nothing is held, and the ceiling stands."""
    spent, held = ledger(tapc, "foreign")
    assert billed <= spent.cost <= cap, f"billed {billed}, booked {spent.cost}"
    assert (held.cost, held.requests) == (0, 0)
    return spent


def complete(tapc, run):
    """The run had everything it asked for, and the dataset is whole."""
    assert run["samples"] == {"planned": 24, "accepted": 24, "short": 0}
    assert run["stopped"] is None
    rows = tapc.rows("foreign", "preference")
    assert len(rows) == 24
    chosen = Counter(row["chosen"][0]["content"].split()[1] for row in rows)
    assert chosen == {"long": 24}, "the judge's scores decide"
    assert {row["rejected"][0]["content"].split()[1] for row in rows} == {"short"}
