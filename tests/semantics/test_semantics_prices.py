"""Prices: what is read, what is refused under a cost budget, and that nothing unset enters a digest."""

from fractions import Fraction
from pathlib import Path

import pytest

from tapc.frontend import compile_spec
from tapc.frontend.show import show
from tapc.ir import Dataset, LongPrice, Price
from tapc.ir.canonical import canonical_json
from tapc.source import DiskLoader

SPEC = """tap 1

dataset d {{
  samples 10
  endpoint e {{ model "m", url "http://127.0.0.1:9/v1", price {price}, {endpoint} }}
  generate a {{ using e, prompt "x", {step} }}
  emit sft {{ from a }}
  {budget}
}}
"""


def compiled(tmp_path: Path, **parts: str):
    given = {"price": "{ input $1/M, output $2/M }", "endpoint": "", "step": "", "budget": "budget { cost $5 }"}
    path = tmp_path / "d.tap"
    path.write_text(SPEC.format(**{**given, **parts}), encoding="utf-8")
    return compile_spec(path, DiskLoader())


def dataset(tmp_path: Path, **parts: str) -> Dataset:
    found = compiled(tmp_path, **parts)
    assert found.dataset is not None, found.diagnostics
    return found.dataset


def price(tmp_path: Path, text: str) -> Price:
    found = dataset(tmp_path, price=text).endpoints[0].price
    assert found is not None
    return found


def test_everything_a_price_may_say(tmp_path: Path) -> None:
    text = """{
    input $2/M, cached_input $0.50/M, cache_write $2.50/M, output $8/M
    above 1M { input $9/M, output $20/M, cache_write $11/M, cached_input $3/M }
    above 272k { input $4/M, output $12/M }
    flex 50%, batch 45%, priority 175%
  }"""
    assert price(tmp_path, text) == Price(
        input=2_000_000,
        cached_input=500_000,
        cache_write=2_500_000,
        output=8_000_000,
        long=(
            LongPrice(above=272_000, input=4_000_000, output=12_000_000),
            LongPrice(
                above=1_000_000, input=9_000_000, output=20_000_000, cached_input=3_000_000, cache_write=11_000_000
            ),
        ),
        flex=Fraction(1, 2),
        batch=Fraction(9, 20),
        priority=Fraction(7, 4),
    )


def test_a_price_is_shown_as_it_means(tmp_path: Path) -> None:
    text = (
        "{ input $2/M, output $8/M, cache_write $3/M, above 9k { input $4/M, output $9/M }, flex 50%, priority 200% }"
    )
    once = compiled(tmp_path, price=text)
    again = tmp_path / "again.tap"
    again.write_text("".join(line.text + "\n" for line in show(once)), encoding="utf-8")
    shown = compile_spec(again, DiskLoader()).dataset
    assert shown is not None
    assert once.dataset is not None
    assert shown.endpoints == once.dataset.endpoints


def test_what_is_not_stated_enters_no_digest() -> None:
    assert canonical_json(Price(input=1, output=2)) == b'{"input":1,"output":2}'
    assert canonical_json(Price(input=1, output=2, cached_input=1, batch=Fraction(1, 2))) == (
        b'{"batch":"1/2","cached_input":1,"input":1,"output":2}'
    )


ASKED = 'extra { service_tier "%s" }'


@pytest.mark.parametrize("tier", ["priority", "PRIORITY", "fast", "performance", "turbo"])
@pytest.mark.parametrize("where", ["endpoint", "step"])
@pytest.mark.parametrize(
    "budget",
    [
        "budget { cost $5 }",
        "budget { cost $5 per run }",
        "budget { endpoint e { cost $5 } }",
        "budget { step a { cost $5 } }",
    ],
)
def test_a_dear_tier_needs_a_price_under_a_budget(tmp_path: Path, tier: str, where: str, budget: str) -> None:
    found = compiled(tmp_path, budget=budget, **{where: ASKED % tier})
    assert [d.code for d in found.diagnostics if d.severity == "error"] == ["TAP503"]


@pytest.mark.parametrize(
    "parts",
    [
        {"endpoint": ASKED % "flex"},
        {"endpoint": ASKED % "default"},
        {"endpoint": ASKED % "auto"},
        {"endpoint": ASKED % "on_demand"},
        {"endpoint": ASKED % "priority", "budget": ""},
        {"endpoint": ASKED % "priority", "budget": "budget { tokens 5M }"},
        {"endpoint": ASKED % "priority", "step": ASKED % "default"},
        {"endpoint": ASKED % "priority", "price": "free"},
        {"endpoint": ASKED % "priority", "price": "{ input $1/M, output $2/M, priority 200% }"},
    ],
)
def test_no_tier_is_refused_that_can_be_bounded(tmp_path: Path, parts: dict[str, str]) -> None:
    found = compiled(tmp_path, **parts)
    assert [d for d in found.diagnostics if d.severity == "error"] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ input $1/M, output $2/M, above { input $1/M, output $2/M } }", "TAP104"),
        ("{ input $1/M, output $2/M, above 9k }", "TAP104"),
        ("{ input $1/M, output $2/M, above 9k 8k { input $1/M, output $2/M } }", "TAP104"),
        ("{ input $1/M, output $2/M, above 0 { input $1/M, output $2/M } }", "TAP108"),
        ("{ input $1/M, output $2/M, above 40% { input $1/M, output $2/M } }", "TAP104"),
        ("{ input $1/M, output $2/M, above 9k { input $1/M } }", "TAP110"),
        ("{ input $1/M, output $2/M, above 9k { input $1/M, output $2/M, flex 50% } }", "TAP102"),
        (
            "{ input $1/M, output $2/M, above 9k { input $1/M, output $2/M }, above 9k { input $1/M, output $2/M } }",
            "TAP109",
        ),
        ("{ input $1/M, output $2/M, flex 101% }", "TAP108"),
        ("{ input $1/M, output $2/M, batch 101% }", "TAP108"),
        ("{ input $1/M, output $2/M, priority 99% }", "TAP108"),
        ("{ input $1/M, output $2/M, flex 0.5 }", "TAP104"),
        ("{ input $1/M, output $2/M, cached_write $1/M }", "TAP102"),
    ],
)
def test_what_a_price_cannot_be(tmp_path: Path, text: str, code: str) -> None:
    found = compiled(tmp_path, price=text)
    assert [d.code for d in found.diagnostics if d.severity == "error"] == [code]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ input $4/M, output $8/M, above 9k { input $2/M, output $12/M } }", "`input` is cheaper above 9,000"),
        ("{ input $4/M, output $8/M, above 9k { input $5/M, output $7/M } }", "`output` is cheaper above 9,000"),
        (
            "{ input $4/M, output $8/M, above 9k { input $5/M, output $9/M }, above 8k { input $6/M, output $10/M } }",
            "`input` and `output` are cheaper above 9,000",
        ),
        (
            "{ input $4/M, cached_input $2/M, output $8/M, above 9k { input $5/M, cached_input $1/M, output $9/M } }",
            "`cached_input` is cheaper above 9,000",
        ),
    ],
)
def test_a_longer_input_that_is_cheaper_is_said(tmp_path: Path, text: str, said: str) -> None:
    found = compiled(tmp_path, price=text)
    assert [(d.code, d.severity) for d in found.diagnostics] == [("TAP504", "warning")]
    assert said in found.diagnostics[0].message


@pytest.mark.parametrize("where", ["endpoint", "step"])
@pytest.mark.parametrize(
    "field",
    ["max_tokens 9", "max_completion_tokens 9", "max_output_tokens 9", "n 2", "best_of 4", 'model "x"', "stream true"],
)
def test_extra_cannot_move_the_bound(tmp_path: Path, where: str, field: str) -> None:
    found = compiled(tmp_path, **{where: f"extra {{ top_k 5, {field} }}"})
    assert [d.code for d in found.diagnostics if d.severity == "error"] == ["TAP505"]


def test_deeper_fields_of_extra_are_free(tmp_path: Path) -> None:
    found = compiled(tmp_path, endpoint="extra { nvext { max_tokens 9, n 2 }, min_tokens 1 }")
    assert [d for d in found.diagnostics if d.severity == "error"] == []
