"""Specs that are tortured, and edits of them."""

import random
from typing import NamedTuple

from counting_server import INPUT_PRICE, OUTPUT_PRICE

NAME = "torture"


class Shape(NamedTuple):
    """What varies from spec to spec.

    Attributes:
        samples: slots.
        judged: whether answers are judged and paired, or only made.
        wording: a word of the second prompt; another one asks all answers again.
        shares: of the two languages.
        concurrency: at most so many requests in flight.
        cap: picodollars of the dataset's budget.
        attempts: tries of a question that is turned down.
        tiered: whether prices depend on caches, the length of the input and the tier served; see `TIERED`.
    """

    samples: int = 24
    judged: bool = False
    wording: str = "briefly"
    shares: tuple[int, int] = (60, 40)
    concurrency: int = 8
    cap: int = 10**12
    attempts: int = 2
    tiered: bool = False

    def text(self, url: str) -> str:
        """The spec."""
        steps = JUDGED if self.judged else PLAIN
        steps = steps.replace("WORDING", self.wording).replace("ATTEMPTS", str(self.attempts))
        first, second = self.shares
        return f"""tap 1

dataset {NAME} {{
  samples {self.samples}
  taxonomy topic {{ alpha, beta, gamma }}
  mix language {{ en {first}%, sw {second}% }}
  endpoint w {{
    model "{"tiered" if self.tiered else "counted"}"
    url "{url}"
    {STATED if self.tiered else f"price {{ input ${INPUT_PRICE // 10**6}/M, output ${OUTPUT_PRICE // 10**6}/M }}"}
    max_tokens 60
    transport {{ timeout 1500ms }}
    limit {{ concurrency {self.concurrency} }}
  }}
{steps}
  reserve 40%
  budget {{ cost ${self.cap / 10**12:.9f} }}
}}
"""


TIERED = {
    "input": "1",
    "cached_input": "0.5",
    "cache_write": "1.25",
    "output": "4",
    "above": [{"tokens": 25, "input": "2", "cached_input": "1", "cache_write": "2.5", "output": "6"}],
    "flex": "0.5",
}
"""What the server bills requests to the model `tiered` by; questions are below the threshold, answers above it."""

STATED = """price {
      input $1/M, cached_input $0.50/M, cache_write $1.25/M, output $4/M
      above 25 { input $2/M, output $6/M }
      flex 50%
    }
    extra { service_tier "flex" }"""

PLAIN = """
  generate question {
    using w
    prompt "Ask about {{ topic }} in {{ language }}."
    attempts ATTEMPTS
    require unique 0.9
  }
  generate answer { using w, prompt "Answer WORDING: {{ question }}" }
  emit sft { from answer }
"""

JUDGED = """
  rubric fine { aspect quality 1..5: "How good is it?" }
  generate question {
    using w
    prompt "Ask about {{ topic }} in {{ language }}."
    attempts ATTEMPTS
    require unique 0.9
  }
  generate answer { using w, each 2, prompt "Answer WORDING: {{ question }}" }
  judge verdict { of answer, using w, rubric fine }
  pair choice { of answer, by verdict.overall, chosen best, rejected worst, margin >= 0.1 }
  emit preference { from choice }
"""


def drawn(chance: random.Random) -> Shape:
    """One of two dozen shapes: few enough that what they give undisturbed can be kept."""
    judged = chance.random() < 0.25
    return Shape(
        samples=chance.choice((8, 14)) if judged else chance.choice((18, 30)),
        judged=judged,
        concurrency=chance.choice((4, 12)),
        attempts=chance.choice((1, 3)),
        tiered=chance.random() < 0.3,
    )


def edited(shape: Shape, chance: random.Random) -> Shape:
    """The same spec after somebody's edit: more or fewer samples, other words, other shares."""
    kind = chance.choice(("grow", "shrink", "words", "shares"))
    if kind == "grow":
        return shape._replace(samples=shape.samples + 7)
    if kind == "shrink":
        return shape._replace(samples=shape.samples - 3)
    if kind == "words":
        return shape._replace(wording="at length")
    return shape._replace(shares=(50, 50))
