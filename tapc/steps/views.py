"""What templates of later steps see of results."""

from fractions import Fraction
from typing import Any

from tapc.steps.results import Candidate, ScoreValue, Verdict


class TextView:
    """A candidate: prints as its text; has `reasoning` and the fields of a structure as attributes."""

    __slots__ = ("_candidate",)

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    def __str__(self) -> str:
        return self._candidate.text

    def __len__(self) -> int:
        return len(self._candidate.text)

    def __bool__(self) -> bool:
        return bool(self._candidate.text)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self._candidate.text)

    def as_json(self) -> Any:
        """A structure as such, else the text."""
        return self._candidate.text if self._candidate.fields is None else self._candidate.fields

    def __getattr__(self, name: str) -> Any:
        fields = self._candidate.fields
        if fields is not None and name in fields:
            return fields[name]
        if name == "reasoning":
            return self._candidate.reasoning
        raise AttributeError(name)


class VerdictView:
    """A verdict: scores by name, as exact numbers that templates print and compare, and the rationale."""

    __slots__ = ("_verdict",)

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict

    def __str__(self) -> str:
        return self._verdict.rationale or plain(self._verdict.score("overall"))

    def as_json(self) -> dict[str, Any]:
        """Scores by name, numbers as people write them."""
        return {name: plain(value) if isinstance(value, Fraction) else value for name, value in self._verdict.scores}

    def __getattr__(self, name: str) -> Any:
        for known, value in self._verdict.scores:
            if known == name:
                return value
        if name == "rationale":
            return self._verdict.rationale
        raise AttributeError(name)


def plain(value: ScoreValue) -> str:
    """A score as people write it: `4`, `3.25`; repeating decimals are cut at four digits."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return str(value.numerator)
        return f"{float(value):.4f}".rstrip("0").rstrip(".")
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value
