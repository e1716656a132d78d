"""How much a step will write: expected, at least, at most."""

from collections.abc import Mapping

from tapc.ir import AnyStep, Check, Generate, Judge
from tapc.jobs import Recipe
from tapc.plan.estimate.tokens import DENSEST_CHARACTERS_PER_TOKEN, MAX_BYTES_PER_TOKEN, Rates

DEFAULT_TOKENS = 256
"""Expected output of a generate step where neither history nor `expect_tokens` says better, if its limit is higher."""

VERDICT_TOKENS = 60
"""Expected rationale of a verdict; each aspect adds `ASPECT_TOKENS`."""

ASPECT_TOKENS = 12
_BYTES_PER_CHARACTER = 4

History = Mapping[tuple[str, str, str], float]
"""Mean output tokens of a reply by step, endpoint and language, from this workspace's own runs."""


class Outputs:
    """Output of steps, from the best source there is: history, then the spec, then stated defaults.

    Args:
        steps: by name.
        rates: tokens a character.
        history: see `History`.
    """

    def __init__(self, steps: Mapping[str, AnyStep], rates: Rates, history: History) -> None:
        self._steps = steps
        self._rates = rates
        self._history = history

    def expected(self, recipe: Recipe, language: str) -> int:
        """Tokens a reply is expected to have."""
        known = self._history.get((recipe.step, recipe.endpoint, language))
        if known is not None:
            return max(1, min(round(known), recipe.max_tokens * recipe.n))
        step = self._steps[recipe.step]
        if isinstance(step, Judge):
            guess = VERDICT_TOKENS + ASPECT_TOKENS * len(step.rubric.aspects)
        elif isinstance(step, Generate) and step.expect_tokens is not None:
            guess = step.expect_tokens
        else:
            bounds = _length(step)
            middle = _middle(bounds)
            guess = DEFAULT_TOKENS if middle is None else round(middle * self._rates.of(language))
        return max(1, min(guess, recipe.max_tokens)) * recipe.n

    def characters(self, recipe: Recipe, language: str) -> int:
        """Characters of one expected text."""
        return max(1, round(self.expected(recipe, language) / recipe.n / self._rates.of(language)))

    def least(self, recipe: Recipe) -> int:
        """Tokens a usable reply has at least."""
        bounds = _length(self._steps[recipe.step])
        low = int(bounds.minimum) if bounds is not None and bounds.minimum is not None else 0
        return max(1 if recipe.max_tokens else 0, low // DENSEST_CHARACTERS_PER_TOKEN) * recipe.n

    def longest_bytes(self, recipe: Recipe) -> int:
        """Bytes a text that goes on to later steps can have at most."""
        limit = recipe.max_tokens * MAX_BYTES_PER_TOKEN
        bounds = _length(self._steps[recipe.step])
        if bounds is not None and bounds.maximum is not None and bounds.unit == "chars":
            limit = min(limit, int(bounds.maximum) * _BYTES_PER_CHARACTER)
        return limit


def _length(step: AnyStep) -> Check | None:
    """The step's `require length` on its text, if it has one."""
    checks: tuple[Check, ...] = getattr(step, "require", ())
    return next((c for c in checks if c.check == "length" and c.field is None and c.unit == "chars"), None)


def _middle(bounds: Check | None) -> float | None:
    if bounds is None or bounds.maximum is None:
        return None
    return float((bounds.maximum + (bounds.minimum or 0)) / 2)
