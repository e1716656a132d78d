"""Contradictions that prevent an allocation."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

import msgspec

T = TypeVar("T")

Kind = Literal["over", "under", "bounds", "percent", "overlap", "no-values", "cycle", "size", "rows"]
"""`over` and `under`: children need more, or take less, than there is; `bounds`: at_least above at_most; `percent`:
percentages above 100%; `overlap`: rules disagree on a sample; `no-values`: a mix has no value left somewhere;
`cycle`: mixes depend on each other; `size`: too many samples to count exactly; `rows`: an input has too few
rows."""


class QuotaProblem(msgspec.Struct, frozen=True):
    """One contradiction.

    Attributes:
        kind: kind of the contradiction.
        message: one sentence with the numbers and the names.
        paths: IR paths of its causes, the most specific first (`taxonomy.topic.physics`, `mix.language.en`, `rule.0`,
            `exclusion.1`).
        notes: the numbers behind the message, one line each.
    """

    kind: Kind
    message: str
    paths: tuple[str, ...]
    notes: tuple[str, ...] = ()


class QuotaError(Exception):
    """Carries problems from inside the allocator to its entry point, which returns them as values."""

    def __init__(self, *problems: QuotaProblem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def collect(attempts: Iterable[Callable[[], T]]) -> list[T]:
    """Results of all attempts.

    Raises:
        QuotaError: with the problems of all failed attempts.
    """
    found: list[T] = []
    problems: list[QuotaProblem] = []
    for attempt in attempts:
        try:
            found.append(attempt())
        except QuotaError as error:
            problems += error.problems
    if problems:
        raise QuotaError(*problems)
    return found
