# ruff: noqa: E501 - specs as users write them
"""Eight specs with checks and judges that reject, and the edits that are made to them."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

_HEAD = """tap 1

dataset edits {{
  samples {samples}
  seed {seed}
  reserve {reserve}% at_least 3
  taxonomy topic {{
    physics {physics}% {{ mechanics "mechanics", optics "optics", heat "heat" }}
    biology {{ cells "cells", genes "genes", ecology "ecology"{leaf} }}
  }}
  mix language {{ en {english}%, de, sw }}
  endpoint writer {{ model "{writer}", url "{url}", price {{ input $0.25/M, output $1.00/M }}, temperature {temperature} }}
  endpoint second {{ model "sim-small", url "{url}", price {{ input $0.10/M, output $0.40/M }}, temperature 0.8 }}
  endpoint referee {{ model "sim-judge", url "{url}", price {{ input $0.50/M, output $2.00/M }}, temperature 0 }}
  endpoint other {{ model "sim-referee", url "{url}", price {{ input $0.20/M, output $0.80/M }}, temperature 0 }}
  endpoint rewards {{ model "sim-reward", url "{url}", price {{ input $0.10/M, output $0/M }} }}
  rubric good {{ aspect truth 2 1..5: "Is it true?" {{ 1 "no", 5 "yes" }}, aspect clarity 1..5: "Is it clear?" {{ 1 "no", 5 "yes" }} }}
"""
_MARKS = "[topic {{ topic.path }}] [language {{ language }}]"
_QUESTION = """  generate question {{
    using writer, max_tokens 90, attempts {attempts}
    prompt "Ask a question about {{{{ topic }}}} in {{{{ language.name }}}}. [topic {{{{ topic }}}}] [language {{{{ language }}}}] [style q{style}]"
    require length {least}..4000
  }}
"""
_ANSWER = """  generate answer {{
    using {pool}, each {each}, max_tokens 160, attempts {attempts2}{need}
    prompt "{{{{ question }}}} [topic {{{{ topic }}}}] [language {{{{ language }}}}] [style a{style2}]"
    require length {least2}..4000
  }}
"""
_JUDGE = """  judge verdict {{
    of answer, using {judges}, rubric good, max_tokens 200
    system "You judge answers of others. [style j{style3}]"
    require score verdict.overall >= {threshold}
  }}
"""

_DEFAULTS: Mapping[str, Any] = {
    "samples": 150, "reserve": 100, "physics": 50, "leaf": "", "english": 50, "writer": "sim-large", "temperature": 0.8,
    "attempts": 2, "attempts2": 2, "least": 12, "least2": 12, "style": 0, "style2": 0, "style3": 0, "pool": "writer", "each": 1,
    "need": "", "judges": "referee", "threshold": 3.2, "margin": 0.5, "reward": -1.0, "similar": 0.95, "seed": 1, "shared": "topic",
}  # fmt: skip


class Example(NamedTuple):
    """A spec: its statements, what differs from the defaults, and which parameters are edited."""

    name: str
    body: str
    given: Mapping[str, Any]
    edited: tuple[str, ...]


_COMMON = ("samples", "samples", "physics", "english", "reserve", "leaf")

EXAMPLES = (
    Example(
        "checked",
        _QUESTION + "  emit prompts {{ prompt question }}\n}}\n",
        {"samples": 240},
        (*_COMMON, "style", "style", "attempts", "temperature", "writer"),
    ),
    Example(
        "judged",
        _QUESTION + _ANSWER + _JUDGE + "  emit sft {{ from answer, best_by verdict.overall }}\n}}\n",
        {},
        (*_COMMON, "style", "style2", "style3", "threshold", "threshold", "attempts2"),
    ),
    Example(
        "paired",
        _QUESTION
        + _ANSWER
        + _JUDGE
        + "  pair choice {{ of answer, by verdict.overall, margin >= {margin} }}\n  emit preference {{ from choice }}\n}}\n",
        {"pool": "[writer, second]", "each": 2, "threshold": 1.5, "need": ", need 3", "samples": 100, "margin": 1.0},
        (*_COMMON, "style2", "style3", "margin", "margin", "threshold", "each"),
    ),
    Example(
        "shared",
        '  generate brief {{ using writer, per {shared}, max_tokens 90, require length {least}..4000, prompt "Describe {{{{ topic }}}}. [topic {{{{ topic }}}}] [style b{style}]" }}\n'
        '  generate question {{\n    using second, max_tokens 90, attempts {attempts}\n    prompt "Ask about {{{{ brief }}}} in {{{{ language.name }}}}. [topic {{{{ topic }}}}] [language {{{{ language }}}}] [style q{style2}]"\n    require length {least}..4000\n  }}\n'
        '  judge verdict {{ of question, using referee, rubric good, max_tokens 200, system "You judge. [style j{style3}]", require score verdict.overall >= {threshold} }}\n'
        "  emit sft {{ from question, best_by verdict.overall }}\n}}\n",
        {"samples": 200, "threshold": 3.0},
        (*_COMMON, "style", "style2", "style3", "threshold", "attempts"),
    ),
    Example(
        "panel",
        _QUESTION + _ANSWER + _JUDGE + "  emit sft {{ from answer, best_by verdict.overall }}\n}}\n",
        {"judges": "[referee, other]", "each": 2, "need": ", need 1", "threshold": 3.7, "samples": 100},
        (*_COMMON, "style", "style2", "style3", "threshold", "threshold", "need"),
    ),
    Example(
        "rewarded",
        _QUESTION
        + _ANSWER
        + "  score reward {{ of answer, using rewards, kind reward, require score reward.overall >= {reward} }}\n  emit sft {{ from answer, best_by reward.overall }}\n}}\n",
        {"samples": 200},
        (*_COMMON, "style2", "style2", "reward", "reward", "temperature", "writer"),
    ),
    Example(
        "unlike",
        _QUESTION.replace("require length", "require unique {similar}\n    require length")
        + _ANSWER
        + "  emit sft {{ from answer }}\n}}\n",
        {"samples": 200, "attempts": 3},
        (*_COMMON, "style", "style2", "similar", "attempts", "attempts2"),
    ),
    Example(
        "parted",
        _QUESTION
        + _ANSWER
        + '  generate critique {{ using second, for answer, max_tokens 90, attempts 2, prompt "Criticize {{{{ answer }}}} [topic {{{{ topic }}}}] [style c{style3}]", require length {least}..4000, need 1 }}\n'
        + _JUDGE.replace("of answer", "of critique").replace("{{ of", "{{\n    of").replace("j{style3}", "j0")
        + "  emit sft {{ from critique, best_by verdict.overall }}\n}}\n",
        {"each": 2, "need": ", need 1", "samples": 100, "threshold": 2.8},
        (*_COMMON, "style", "style2", "style3", "threshold", "need"),
    ),
)

_NEW: Mapping[str, Callable[[Random, Any], Any]] = {
    "samples": lambda random, old: max(60, min(300, old + random.choice([-40, -25, 20, 35, 50, 70]))),
    "reserve": lambda random, _: random.choice([20, 40, 60, 80, 100, 150]),
    "physics": lambda random, _: random.randint(35, 65),
    "english": lambda random, _: random.randint(35, 60),
    "leaf": lambda random, _: random.choice(["", ', plants "plants"', ', birds "birds" 10%', ', fungi "fungi"']),
    "writer": lambda random, _: f"sim-q{random.randint(40, 90)}",
    "temperature": lambda random, _: round(random.uniform(0.7, 1.0), 3),
    "attempts": lambda random, _: random.randint(1, 4),
    "attempts2": lambda random, _: random.randint(1, 4),
    "threshold": lambda random, old: round(min(4.2, max(1.5, old + random.uniform(-0.7, 0.7))), 2),
    "margin": lambda random, _: round(random.uniform(0.3, 2.0), 2),
    "reward": lambda random, _: round(random.uniform(-2.5, 0.5), 2),
    "similar": lambda random, _: round(random.uniform(0.6, 0.99), 3),
    "each": lambda random, _: random.choice([2, 3]),
    "need": lambda random, _: random.choice([", need 1", ", need 2", ""]),
}


def first(example: Example) -> dict[str, Any]:
    """The parameters of a spec before it is edited."""
    return {**_DEFAULTS, **example.given}


def edited(example: Example, now: Mapping[str, Any], random: Random) -> tuple[str, dict[str, Any]]:
    """An edit, in words, and the parameters after it."""
    while True:
        name = random.choice(example.edited)
        old = now[name]
        new = random.randrange(1, 10**6) if name.startswith("style") else _NEW[name](random, old)
        if new != old:
            return f"{name} {old} -> {new}", {**now, name: new}


def written(example: Example, now: Mapping[str, Any], url: str) -> str:
    """The text of a spec."""
    return (_HEAD + example.body).format(**now, url=url)
