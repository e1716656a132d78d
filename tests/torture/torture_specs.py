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
    """

    samples: int = 24
    judged: bool = False
    wording: str = "briefly"
    shares: tuple[int, int] = (60, 40)
    concurrency: int = 8
    cap: int = 10**12
    attempts: int = 2

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
    model "counted"
    url "{url}"
    price {{ input ${INPUT_PRICE // 10**6}/M, output ${OUTPUT_PRICE // 10**6}/M }}
    max_tokens 60
    transport {{ timeout 1500ms }}
    limit {{ concurrency {self.concurrency} }}
  }}
{steps}
  reserve 40%
  budget {{ cost ${self.cap / 10**12:.9f} }}
}}
"""


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
    """One of a dozen shapes: few enough that what they give undisturbed can be kept."""
    judged = chance.random() < 0.25
    return Shape(
        samples=chance.choice((8, 14)) if judged else chance.choice((18, 30)),
        judged=judged,
        concurrency=chance.choice((4, 12)),
        attempts=chance.choice((1, 3)),
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
