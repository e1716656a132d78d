"""What steps yield for one slot."""

from fractions import Fraction
from typing import Any, Literal

import msgspec

from tapc.jobs import Message

ScoreValue = Fraction | bool | str | tuple[str, ...] | None
"""A score: exact number, boolean, majority answer, categories, or None (missing, or not applicable)."""


class Candidate(msgspec.Struct, frozen=True):
    """One finished candidate of a generate or input step.

    Attributes:
        index: stable position among the step's candidates, independent of missing ones.
        endpoint, model: names of its author; empty for input rows.
        text: the completion; for a structure its canonical JSON text.
        fields: the parsed structure, or the row of an input; None for plain text.
        reasoning: hidden reasoning, empty where there is none.
        messages: the prompt it answers.
        key: key of the job that made it; empty for input rows.
        attempt: which attempt succeeded, from 0.
        drawn: values of `per candidate` mixes, (mix, value), sorted.
        parent: index of the candidate it answers, where the step says `for STEP`; else -1.
    """

    index: int
    endpoint: str
    model: str
    text: str
    fields: dict[str, Any] | None
    reasoning: str
    messages: tuple[Message, ...]
    key: bytes
    attempt: int
    drawn: tuple[tuple[str, str], ...] = ()
    parent: int = -1


class Generated(msgspec.Struct, frozen=True):
    """Candidates by ascending index; at least the step's `need`."""

    candidates: tuple[Candidate, ...]


class Verdict(msgspec.Struct, frozen=True):
    """Scores of one candidate: (name, value) with `overall` and `agreement` among them, and the jobs they came from."""

    candidate: int
    scores: tuple[tuple[str, ScoreValue], ...]
    rationale: str = ""
    keys: tuple[bytes, ...] = ()

    def score(self, name: str) -> ScoreValue:
        """A score by name; None where it is missing."""
        for known, value in self.scores:
            if known == name:
                return value
        return None


class Judged(msgspec.Struct, frozen=True):
    """Verdicts (of judge, score and vote steps) by ascending candidate; rejected candidates have none."""

    of: str
    verdicts: tuple[Verdict, ...]

    def score(self, candidate: int, name: str) -> ScoreValue:
        """A candidate's score; None where it is missing."""
        for verdict in self.verdicts:
            if verdict.candidate == candidate:
                return verdict.score(name)
        return None


class Chosen(msgspec.Struct, frozen=True):
    """One pair, as candidate indexes, with the margin on the first score."""

    chosen: int
    rejected: int
    margin: Fraction


class Paired(msgspec.Struct, frozen=True):
    """Pairs of one slot, at least one."""

    of: str
    pairs: tuple[Chosen, ...]


StepResult = Generated | Judged | Paired


class Rejection(msgspec.Struct, frozen=True):
    """A rejected text, and why.

    Attributes:
        step: where.
        candidate, attempt: which try.
        reason: kebab-case code: an outcome (`cut`, `refusal`, `filtered`, `invalid`, `leak`, `gave-up`), a check
            (`language`, `duplicate`, …), `tie`, `equal-texts`, `nonsense`, `missing-verdict`, …
        detail: for people.
        text: the rejected text.
        endpoint, key: its author, and the key of the job.
    """

    step: str
    candidate: int
    attempt: int
    reason: str
    detail: str
    text: str
    endpoint: str = ""
    key: bytes = b""


class Short(msgspec.Struct, frozen=True):
    """A step that yields nothing for this slot."""

    step: str
    reason: str
    detail: str = ""


Status = Literal["accepted", "rejected", "missing"]
"""Of a slot: all `accept` steps have results; a step fell short; a reply could not be had."""
