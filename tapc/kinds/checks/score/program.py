"""`require score x.y >= 4`."""

from fractions import Fraction

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.score.spec import KIND


class ScoreCheck:
    """Bounds a score exactly; booleans count as 0 and 1, and a missing score never passes."""

    reason = "score"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._name = check.field or "overall"
        self._check = check

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        value = subject.score(self._name)
        if isinstance(value, bool):
            value = Fraction(int(value))
        if not isinstance(value, Fraction):
            return f"{self._name} is missing" if value is None else f"{self._name} is no number"
        low, high = self._check.minimum, self._check.maximum
        if low is not None and (value < low or ("minimum" in self._check.exclusive and value == low)):
            return f"{self._name} is {value}, under {low}"
        if high is not None and (value > high or ("maximum" in self._check.exclusive and value == high)):
            return f"{self._name} is {value}, over {high}"
        return None


RUNTIME = CheckRuntime(KIND.name, ScoreCheck)
