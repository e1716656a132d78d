"""The length of the output of a step: expected, at least, at most.

If neither the history of this workspace nor `expect_tokens` in the spec gives a length, these defaults apply:

- A text that is made from the axes alone (a question, an instruction) has `PROMPT_TOKENS`, one that reads other steps
  (an answer, a revision) `ANSWER_TOKENS`, in English; in other languages as many as the same content takes there. No
  more than a third of `max_tokens` is expected, since limits are set so that few replies reach them.
- `require length` replaces the default if its ends are close: the geometric mean of the two. Ends that are further
  apart only bound the default.
- A verdict has a rationale of `RATIONALE_TOKENS`, as its prompt requests, and its JSON; a listwise one has that for
  each answer. Other structured replies divide the default among their texts, in addition to their JSON.
"""

from collections.abc import Mapping

import msgspec

from tapc.ir import Step, TextLength
from tapc.jobs import Recipe
from tapc.plan.estimate.standin import shape_of
from tapc.plan.estimate.tokens import DENSEST_CHARACTERS_PER_TOKEN, MAX_BYTES_PER_TOKEN, Rates

PROMPT_TOKENS = 60
ANSWER_TOKENS = 200
RATIONALE_TOKENS = 45
LIMIT_SHARE = 3
"""A default is at most the limit divided by this."""

JSON_TOKENS_PER_CHARACTER = 0.3
"""Tokens per character of keys, quotes and numbers, which tokenizers pack less densely than prose."""

TELLING = 50
"""Largest factor between the ends of a length check that predicts the length of a text."""

_BYTES_PER_CHARACTER = 4


class Learned(msgspec.Struct, frozen=True):
    """Usage of the replies with one label so far.

    Attributes:
        jobs: number of replies.
        output, input: mean tokens.
        output_variance, input_variance: variance over single replies.
        chars: mean code points of a usable reply; 0 if there was none.
    """

    jobs: int
    output: float
    output_variance: float = 0.0
    input: float = 0.0
    input_variance: float = 0.0
    chars: float = 0.0


History = Mapping[tuple[str, str, str, str], Learned]
"""Usage of the replies of a dataset so far, by step, endpoint, model identity and language."""


def merged(parts: "list[Learned]") -> Learned | None:
    """Several histories combined."""
    jobs = sum(part.jobs for part in parts)
    if not jobs:
        return None

    def mean(name: str) -> float:
        return sum(part.jobs * float(getattr(part, name)) for part in parts) / jobs

    def variance(name: str) -> float:
        middle = mean(name)
        spread = (part.jobs * (getattr(part, name) - middle) ** 2 for part in parts)
        return mean(f"{name}_variance") + sum(spread) / jobs

    return Learned(jobs, mean("output"), variance("output"), mean("input"), variance("input"), mean("chars"))


class Outputs:
    """The output of steps from the best available source: history, then the spec, then defaults.

    Args:
        steps: steps by name.
        rates: tokens per character.
        history: usage so far; see `History`.
        answers: number of answers in one request, by name of a listwise judge.
    """

    def __init__(self, steps: Mapping[str, Step], rates: Rates, history: History, answers: Mapping[str, int]) -> None:
        self._steps = steps
        self._rates = rates
        self._answers = answers
        self._known: dict[tuple[str, str, str], dict[str, Learned]] = {}
        for (step, endpoint, model, language), learned in history.items():
            self._known.setdefault((step, endpoint, model), {})[language] = learned
        self._expected: dict[tuple[str, str, str], float] = {}

    def learned(self, recipe: Recipe, language: str) -> Learned | None:
        """Usage of replies in a language, else in all others."""
        known = self._known.get((recipe.step, recipe.endpoint, recipe.identity), {})
        return known.get(language) or merged(list(known.values()))

    def entries(self, recipe: Recipe) -> int:
        """Answers in a listwise verdict; 1 for all other replies."""
        return self._answers.get(recipe.step, 1)

    def expected(self, recipe: Recipe, language: str, tag: str) -> float:
        """Expected tokens of a reply.

        Args:
            recipe: recipe of the job.
            language: value of the language axis.
            tag: its BCP-47 tag.
        """
        place = (recipe.step, recipe.endpoint, language)
        if place not in self._expected:
            self._expected[place] = self._expect(recipe, language, tag)
        return self._expected[place]

    def _expect(self, recipe: Recipe, language: str, tag: str) -> float:
        known = self.learned(recipe, language)
        if known is not None:
            return max(1.0, min(known.output, recipe.max_tokens * recipe.n))
        step = self._steps[recipe.step]
        writing, judges = step.writing(), step.judging() is not None
        if writing is not None and writing.expect_tokens is not None:
            return max(1.0, min(writing.expect_tokens, recipe.max_tokens)) * recipe.n
        texts, frame = shape_of(recipe, self.entries(recipe))
        one = RATIONALE_TOKENS if judges else self._text(step, recipe, tag)
        guess = frame * JSON_TOKENS_PER_CHARACTER + one * (texts if judges else min(texts, 1))
        return max(1.0, min(guess, recipe.max_tokens)) * recipe.n

    def _text(self, step: Step, recipe: Recipe, tag: str) -> float:
        """Tokens of a text, from its length check or a default."""
        rate = self._rates.of(tag)
        bounds = _length(step)
        low, high = (0.0, None) if bounds is None else _ends(bounds)
        if high is not None and low and high <= low * TELLING:
            return (low * high) ** 0.5 * rate
        default = ANSWER_TOKENS if _reads_steps(step, self._steps) else PROMPT_TOKENS
        guess = min(default * self._rates.same_content(tag), max(1, recipe.max_tokens / LIMIT_SHARE))
        return max(low * rate, guess if high is None else min(guess, high * rate))

    def characters(self, recipe: Recipe, language: str, tag: str) -> int:
        """Characters of one expected text, for the prompts of later steps."""
        known = self.learned(recipe, language)
        if known is not None and known.chars:
            return max(1, round(known.chars / recipe.n))
        return max(1, round(self.expected(recipe, language, tag) / recipe.n / self._rates.of(tag)))

    def least(self, recipe: Recipe) -> int:
        """The least tokens of a usable reply."""
        bounds = _length(self._steps[recipe.step])
        low = 0 if bounds is None else int(_ends(bounds)[0])
        return (
            min(max(1 if recipe.max_tokens else 0, low // DENSEST_CHARACTERS_PER_TOKEN), recipe.max_tokens) * recipe.n
        )

    def longest_bytes(self, recipe: Recipe) -> int:
        """The most bytes of a text that later steps read."""
        limit = recipe.max_tokens * MAX_BYTES_PER_TOKEN
        bounds = _length(self._steps[recipe.step])
        if bounds is not None and bounds.maximum is not None:
            limit = min(limit, int(bounds.maximum) * _BYTES_PER_CHARACTER)
        return limit


def _length(step: Step) -> TextLength | None:
    """Bounds of the step's text, if a check sets some in characters."""
    found = (check.text_length() for check in step.checks())
    return next((length for length in found if length is not None and length.unit == "chars"), None)


def _ends(bounds: TextLength) -> tuple[float, float | None]:
    return float(bounds.minimum or 0), None if bounds.maximum is None else float(bounds.maximum)


def _reads_steps(step: Step, steps: Mapping[str, Step]) -> bool:
    """Whether a step's prompt is made of other steps' texts."""
    if step.writing() is None or step.parent() is not None:
        return True
    return any(not steps.keys().isdisjoint(template.reads) for template in step.templates())
