"""Floor, actual and ceiling of every step and endpoint, over whole runs on generated specs.

The actual is counted naively: the sequential reading of the fold (`sequential.py`, which shares nothing with the engine)
asks for replies one at a time, with checks, attempts, replacements, panels, pools and steps that samples share. A
tokenizer that makes a token of each byte, or one of eight characters, counts them; replies are at their longest, at
their shortest, or rejected; and a provider bills each kind of input, length and service tier that the spec prices as it
likes. `test_plan_ceilings.py` compares ceilings to the byte where they are exact.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sequential import fold

from tapc.jobs import Job, Reply, Usage
from tapc.plan import Planned, Rates, cost_plan, describe
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

RATES = Rates({"en": 0.2, "zh": 0.8, "ja": 0.8, "ko": 0.8})
PER_MESSAGE, LONGEST_TOKEN, DENSEST = 8, 128, 8
"""Tokens around a message, the longest token in bytes, and characters per token at the densest: see the guarantees."""


class Bands(msgspec.Struct, frozen=True):
    """A price, as the spec says it and as a provider bills: kinds of input by the length above which they hold."""

    said: str
    kinds: dict[int, tuple[int, ...]]
    output: dict[int, int]
    tiers: tuple[Fraction, ...] = (Fraction(1),)


PRICES = {
    "plain": Bands("input $2/M, output $8/M", {0: (2,)}, {0: 8}),
    "cached is dearer": Bands("input $2/M, cached_input $7/M, output $8/M", {0: (2, 7)}, {0: 8}),
    "cached is free": Bands("input $2/M, cached_input $0/M, output $8/M", {0: (2, 0)}, {0: 8}),
    "writes": Bands("input $2/M, cached_input $1/M, cache_write $9/M, output $8/M", {0: (2, 1, 9)}, {0: 8}),
    "long is dearer": Bands(
        "input $2/M, cached_input $1/M, output $8/M, above 400 { input $4/M, output $12/M }, above 9k { input $6/M, output $30/M }",
        {0: (2, 1), 400: (4, 2), 9000: (6, 3)}, {0: 8, 400: 12, 9000: 30},
    ),
    "tiers": Bands("input $2/M, output $8/M, flex 50%, priority 250%", {0: (2,)}, {0: 8},
                   (Fraction(1), Fraction(1, 2), Fraction(5, 2))),
    "batch": Bands("input $2/M, output $8/M, batch 50%", {0: (2,)}, {0: 8}),
}  # fmt: skip

WORDS = {
    "en": "Ask one question about {{ topic }}. ",
    "zh": "请就{{ topic }}提出一个问题，不要回答，也不要解释。",
    "ja": "{{ topic }}について質問を一つ書いてください。",
    "ko": "{{ topic }}에 대한 질문을 하나 쓰세요. ",
    "emoji": "🌊🏔️👩‍👩‍👧‍👦 {{ topic }} ",
}
REPLIES = {"ascii": "a", "cjk": "一", "hangul": "가", "emoji": "🌀"}
"""First letters of 16 that are equally many bytes long; texts of all jobs differ, as they would, so that no two are
judged by one request."""

SPEC = """tap 1

dataset d {{
  samples {samples}
  taxonomy topic {{ {leaves} }}
  mix language {{ {languages} }}
  mix persona per candidate {{ calm, "非常好奇的学生", "호기심 많은 선생님" }}
  endpoint w {{ model "sim", overhead {overhead}, price {{ {price} }} }}
  endpoint v {{ model "sim-two", price {{ {other} }} }}
  generate guide {{ using w, per topic, prompt "{word} {{{{ topic }}}}", max_tokens {short} }}
  generate question {{
    using {using}
    system "{system}"
    prompt "{{{{ guide }}}} {prompt} {{{{ language.name }}}} {{{{ persona }}}}"
    max_tokens {short}
    attempts {attempts}
    {length}
  }}
  generate answer {{ using {writers}, each {each}, prompt "{{{{ question }}}} {word} {{{{ topic }}}}", max_tokens {limit}, attempts {attempts} }}
  {judge}
  emit {emit}
  reserve {reserve}% at_least {floor}
}}
"""
JUDGE = """judge verdict {{ of answer, using [w, v], rubric r, max_tokens 50, attempts {attempts}, require score overall >= 3 }}
  rubric r {{ aspect good 1..5: "好不好？" }}"""


class Provider:
    """Answers as it likes within the limits, and bills as it likes within the prices."""

    def __init__(
        self, seed: int, prices: dict[str, Bands], overheads: dict[str, int], low: int, high: int, letter: str
    ) -> None:
        self.seed, self.prices, self.overheads, self.low, self.high, self.letter = (
            seed,
            prices,
            overheads,
            low,
            high,
            letter,
        )
        self.seen: dict[bytes, Reply] = {}
        self.jobs: Counter[tuple[str, str]] = Counter()
        self.input: Counter[tuple[str, str]] = Counter()
        self.output: Counter[tuple[str, str]] = Counter()
        self.money: Counter[tuple[str, str]] = Counter()
        self.sizes: defaultdict[tuple[str, str], list[int]] = defaultdict(list)

    def __call__(self, job: Job) -> Reply:
        if job.key not in self.seen:
            self.seen[job.key] = self._new(job)
        return self.seen[job.key]

    def _new(self, job: Job) -> Reply:
        chance = random.Random(self.seed.to_bytes(4, "big") + job.key)
        place, limit = (job.recipe.step, job.recipe.endpoint), json.loads(job.recipe.parameters)["max_tokens"]
        thrifty = chance.random() < self.low / 10
        written = [*(message.content for message in job.messages), (job.recipe.schema or b"").decode()]
        if thrifty:
            size = sum(map(len, written[:-1])) // DENSEST
        else:
            size = (
                sum(len(text.encode()) for text in written) + self.overheads[place[1]] + PER_MESSAGE * len(job.messages)
            )
        text, used = self._text(job, limit, chance, thrifty=thrifty)
        self.jobs[place] += 1
        self.input[place] += size
        self.output[place] += used
        self.money[place] += self._bill(self.prices[place[1]], size, used, chance)
        self.sizes[place].append(size)
        return Reply("ok", (text,), Usage(size, used), 0)

    def _text(self, job: Job, limit: int, chance: random.Random, *, thrifty: bool) -> tuple[str, int]:
        if job.recipe.schema is not None:
            score = chance.choice([1, 5, 5, 5])
            return json.dumps({"rationale": "so", "good": score}), 1 if thrifty else limit
        room = limit * LONGEST_TOKEN // len(self.letter.encode())
        if job.recipe.step == "question" and self.high:
            room = min(room, self.high)
        if chance.random() < 0.2:
            room *= 3  # too long where length is checked, and no longer than other texts get elsewhere
            room = min(room, limit * LONGEST_TOKEN // len(self.letter.encode()))
        name = "".join(chr(ord(self.letter) + int(digit, 16)) for digit in job.key.hex()[:7])
        return (name, 1) if thrifty else (name[:room] + self.letter * (room - len(name)), limit)

    def _bill(self, price: Bands, size: int, used: int, chance: random.Random) -> int:
        band = max(above for above in price.kinds if size > above or above == 0)
        rest, cost = size, 0
        for kind in price.kinds[band][1:]:
            part = chance.choice([0, rest, chance.randint(0, rest)])
            cost, rest = cost + part * kind, rest - part
        cost += rest * price.kinds[band][0] + used * price.output[band]
        return ceil(cost * 1_000_000 * chance.choice(price.tiers))


def planned(folder: Path, text: str) -> Planned:
    path = folder / "d.tap"
    path.write_text(text, encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return found.planned


def whole_run(plan: Planned, provider: Provider) -> dict[bytes, int]:
    """Everything that a run asks, retries and replacements included; what the cells lack in the end."""

    def size(cell: bytes) -> int:
        return sum(key.cell == cell for key in plan.slots)

    reserve = plan.dataset.reserve
    _, lacks = fold(plan.programs(), plan.slots, provider, plan.open_slot, accept=plan.dataset.accept, blocks=(64, 2048),
                    planned=size, share=reserve.share, floor=reserve.floor)  # fmt: skip
    return lacks


CASES = st.fixed_dictionaries(
    {
        "samples": st.integers(3, 9),
        "leaves": st.sampled_from(["a, b", '"有机化学", b', '"물리학", "化学", "c🌊"']),
        "languages": st.sampled_from(["en", "en, zh", "ja, ko", "en, zh, ko"]),
        "overhead": st.sampled_from([0, 64, 500]),
        "price": st.sampled_from(sorted(PRICES)),
        "other": st.sampled_from(sorted(PRICES)),
        "using": st.sampled_from(["w", "1 of [w, v]"]),
        "writers": st.sampled_from(["w", "[w, v]", "1 of [w, v]"]),
        "word": st.sampled_from(["Write.", "写", "써 주세요", "✍️"]),
        "system": st.sampled_from(["Be brief.", "あなたは先生です。", "🧑‍🏫 당신은 선생님입니다."]),
        "prompt": st.sampled_from(sorted(WORDS)),
        "long": st.sampled_from([1, 1, 3, 40, 200]),
        "short": st.integers(1, 40),
        "limit": st.integers(1, 40),
        "attempts": st.integers(1, 3),
        "each": st.integers(1, 2),
        "high": st.sampled_from([0, 0, 9, 200, 4000]),
        "judged": st.booleans(),
        "reserve": st.sampled_from([0, 50, 100]),
        "floor": st.integers(0, 3),
        "seed": st.integers(0, 2**32 - 1),
        "low": st.sampled_from([0, 0, 3, 10]),
        "letter": st.sampled_from(sorted(REPLIES)),
    }
)


@settings(
    max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # shrinking takes minutes
@given(case=CASES)
def test_a_run_stays_between_floor_and_ceiling(tmp_path_factory: pytest.TempPathFactory, case: dict) -> None:
    attempts = case["attempts"]
    text = SPEC.format(
        **{key: case[key] for key in ("samples", "leaves", "languages", "overhead", "using", "word", "system", "short")},
        **{key: case[key] for key in ("limit", "attempts", "each", "reserve", "floor", "writers")},
        price=PRICES[case["price"]].said, other=PRICES[case["other"]].said, prompt=WORDS[case["prompt"]] * case["long"],
        length=f"require length 1..{case['high']} chars" if case["high"] else "",
        judge=JUDGE.format(attempts=attempts) if case["judged"] else "",
        emit="reward { from verdict }" if case["judged"] else "sft { from answer }",
    )  # fmt: skip
    plan = planned(tmp_path_factory.mktemp("oracle"), text)
    provider = Provider(case["seed"], {"w": PRICES[case["price"]], "v": PRICES[case["other"]]},
                        {"w": case["overhead"], "v": 64}, case["low"], case["high"], REPLIES[case["letter"]])  # fmt: skip
    lacks = whole_run(plan, provider)
    costs = cost_plan(plan, RATES, {})
    assert set(provider.jobs) <= {cost.place for cost in costs}
    for cost in costs:
        at = cost.place
        assert provider.jobs[at] <= cost.most_jobs, at
        assert provider.input[at] <= cost.input.ceiling, at
        assert provider.output[at] <= cost.output.ceiling, at
        assert provider.money[at] <= cost.money.ceiling, at
        assert max(provider.sizes[at], default=0) <= cost.unit.most_in, at
        assert cost.money.floor <= cost.money.expected <= cost.money.ceiling, at
    for floor, actual, what in () if lacks else floors(costs, provider):
        assert floor <= actual, what
    document = describe(plan, costs, spec="d.tap", by=["topic"])
    total = document.total
    assert sum(provider.jobs.values()) <= total.requests.ceiling
    both = sum(provider.input.values()) + sum(provider.output.values())
    assert both <= total.tokens.ceiling
    assert sum(provider.money.values()) <= round(total.cost_usd.ceiling * 10**12) + 1


def floors(costs, provider: Provider) -> Iterator[tuple[int, int, str]]:
    """Floors of each step, whose endpoints together make exactly so many first attempts, next to what was used."""
    for step in {cost.recipe.step for cost in costs}:
        parts = [cost for cost in costs if cost.recipe.step == step]
        places = [cost.place for cost in parts]
        yield sum(cost.jobs for cost in parts), sum(provider.jobs[at] for at in places), f"jobs of {step}"
        if len(parts) == 1 or not parts[0].made.pooled:
            for cost in parts:
                yield cost.input.floor, provider.input[cost.place], f"input of {step}"
                yield cost.output.floor, provider.output[cost.place], f"output of {step}"
                yield cost.money.floor, provider.money[cost.place], f"money of {step}"
