"""Floor, actual and ceiling, against a naive count: every byte a token, and every reply as long as it may be.

The count drives the steps of every slot itself, answers with the longest text that the limits allow, and adds up bytes
and money by hand; it shares nothing with the estimate but the prompts. Where all prompts of a step are alike, with one
attempt and no replacements, the ceiling is that count exactly: a byte too few and a byte too many both show.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tapc.jobs import Job, Reply, Usage
from tapc.kinds.compiling import compile_steps
from tapc.plan import Planned, Rates, cost_plan
from tapc.plan.estimate import unchecked
from tapc.steps import Ask, Both, Decide
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

RATES = Rates({"en": 0.2, "zh-Hans": 0.8, "ja": 0.8, "ko": 0.8})
OVERHEAD, PER_MESSAGE, LONGEST_TOKEN = 64, 8, 128
"""What the guarantees say of templates, and the longest token of any vocabulary, in bytes."""

PROMPTS = {
    "en": "Ask one question about {{ topic }}.",
    "zh": "请就{{ topic }}提出一个问题，不要回答。",
    "ja": "{{ topic }}について質問を一つ書いてください。",
    "ko": "{{ topic }}에 대한 질문을 하나 쓰세요.",
    "emoji": "🌊🌊 {{ topic }} 🏔️",
}
PRICES = {
    "plain": "input $2/M, output $8/M",
    "cached is dearer": "input $2/M, cached_input $3/M, output $8/M",
    "writes": "input $2/M, cached_input $0.50/M, cache_write $2.50/M, output $8/M",
    "lengths": "input $2/M, cache_write $2.50/M, output $8/M, above 300 { input $4/M, output $12/M }, "
    "above 5000 { input $5/M, cache_write $9/M, output $13/M }",
    "tiers": "input $2/M, output $8/M, flex 50%, priority 250%",
}
DEAREST = {
    "plain": [(0, 2_000_000, 8_000_000)],
    "cached is dearer": [(0, 3_000_000, 8_000_000)],
    "writes": [(0, 2_500_000, 8_000_000)],
    "lengths": [(0, 2_500_000, 8_000_000), (300, 5_000_000, 12_000_000), (5000, 9_000_000, 13_000_000)],
    "tiers": [(0, 5_000_000, 20_000_000)],
}
"""By price: (above, input, output) in picodollars, at the dearest kind and tier of each length."""
CHEAPEST = {
    "plain": (2_000_000, 8_000_000),
    "cached is dearer": (2_000_000, 8_000_000),
    "writes": (500_000, 8_000_000),
    "lengths": (2_000_000, 8_000_000),
    "tiers": (1_000_000, 4_000_000),
}

SPEC = """tap 1

dataset d {{
  samples {samples}
  taxonomy topic {{ {leaves} }}
  endpoint w {{ model "sim", price {{ {price} }} }}
  generate question {{ using w, prompt "{prompt}", max_tokens {short}, attempts 1 {length} }}
  generate answer {{ using w, each {each}, prompt "{{{{ question }}}} {prompt}", max_tokens {limit}, attempts 1 }}
  {judge}
  emit {emit}
  reserve 0% at_least 0
}}
"""
JUDGE = """judge verdict { of answer, using w, rubric r, max_tokens 50, attempts 1 }
  rubric r { aspect good 1..5: "好不好？" }"""


def planned(folder: Path, **parts: object) -> Planned:
    path = folder / "d.tap"
    path.write_text(SPEC.format(**parts), encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return found.planned


class Naive:
    """Asks every job of a plan and counts bytes."""

    def __init__(self, plan: Planned, length: int | None) -> None:
        self.jobs: Counter[str] = Counter()
        self.input: Counter[str] = Counter()
        self.output: Counter[str] = Counter()
        self.sizes: defaultdict[str, set[int]] = defaultdict(set)
        self._length = length
        programs = compile_steps(unchecked(plan.dataset), plan.tools(None))
        for key in plan.slots:
            state = plan.open_slot(key)
            for program in programs:
                result = self._drive(program.run(state))
                state.results[program.name] = result
                state.names[program.name] = program.view(result)

    def _drive(self, coroutine):
        value = None
        while True:
            try:
                effect = coroutine.send(value)
            except StopIteration as stop:
                return stop.value
            if isinstance(effect, Ask):
                value = self._ask(effect.job)
            elif isinstance(effect, Both):
                value = [self._drive(part) for part in effect.parts]
            else:
                assert isinstance(effect, Decide)
                value = None

    def _ask(self, job: Job) -> Reply:
        step = job.recipe.step
        size = sum(len(message.content.encode()) + PER_MESSAGE for message in job.messages) + OVERHEAD
        if job.recipe.schema:
            size += len(job.recipe.schema)
        limit = json.loads(job.recipe.parameters)["max_tokens"]
        self.jobs[step] += 1
        self.input[step] += size
        self.output[step] += limit
        self.sizes[step].add(size)
        if job.recipe.schema:
            return Reply("ok", ('{"rationale": "x", "good": 3}',), Usage(size, limit), 0)
        return Reply("ok", (self._longest(step, limit),), Usage(size, limit), 0)

    def _longest(self, step: str, limit: int) -> str:
        room = limit * LONGEST_TOKEN
        if step == "question" and self._length is not None and self._length * 4 < room:
            return "🌊" * self._length
        return "x" * room


def dear(price: str, sizes: int, output: int, one: int) -> int:
    """Picodollars of so many input tokens in requests of at most `one` input token each."""
    reached = [row for row in DEAREST[price] if one > row[0]]
    return sizes * max(row[1] for row in reached) + output * max(row[2] for row in reached)


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(3, 12),  # every leaf has one, the longest too
    prompt=st.sampled_from(sorted(PROMPTS)),
    price=st.sampled_from(sorted(PRICES)),
    short=st.integers(1, 60),
    limit=st.integers(1, 60),
    each=st.integers(1, 3),
    length=st.none() | st.integers(1, 400),
    judged=st.booleans(),
    leaves=st.sampled_from(["a, b", "a, 有机化学", "물리학, 化学, b"]),
)
@example(
    samples=3, prompt="zh", price="lengths", short=7, limit=9, each=1, length=None, judged=False, leaves="a, b"
)  # 896 bytes: less than one packed kilobyte
@example(samples=3, prompt="ja", price="writes", short=60, limit=9, each=2, length=377, judged=True, leaves="a, b")
def test_nothing_costs_more_than_the_ceiling_or_less_than_the_floor(
    tmp_path_factory: pytest.TempPathFactory,
    samples: int,
    prompt: str,
    price: str,
    short: int,
    limit: int,
    each: int,
    length: int | None,
    judged: bool,
    leaves: str,
) -> None:
    plan = planned(
        tmp_path_factory.mktemp("ceilings"),
        samples=samples,
        leaves=leaves,
        price=PRICES[price],
        prompt=PROMPTS[prompt],
        short=short,
        limit=limit,
        each=each,
        length="" if length is None else f", require length 1..{length} chars",
        judge=JUDGE if judged else "",
        emit="reward { from verdict }" if judged else "sft { from answer }",
    )
    naive = Naive(plan, length)
    costs = {cost.recipe.step: cost for cost in cost_plan(plan, RATES, {})}
    assert set(naive.jobs) == set(costs)
    for step, cost in costs.items():
        assert cost.jobs == cost.most_jobs == naive.jobs[step]
        assert cost.input.floor <= naive.input[step] <= cost.input.ceiling
        assert cost.output.floor <= naive.output[step] <= cost.output.ceiling
        largest = max(naive.sizes[step])
        assert cost.unit.most_in == largest, "the longest prompt, to the byte"
        assert cost.input.ceiling == largest * naive.jobs[step]
        assert cost.output.ceiling == naive.output[step]
        ceiling = dear(price, largest * naive.jobs[step], naive.output[step], largest)
        assert cost.money.ceiling == ceiling
        low_in, low_out = CHEAPEST[price]
        assert cost.money.floor == cost.input.floor * low_in + cost.output.floor * low_out
        assert cost.money.floor <= cost.money.expected <= cost.money.ceiling
