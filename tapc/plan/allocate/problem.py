"""Why a space cannot be allocated."""

from typing import Literal

import msgspec

Kind = Literal["over", "under", "bounds", "percent", "overlap", "no-values", "cycle", "size"]
"""`over` and `under`: children need more, or take less, than there is; `bounds`: at_least above at_most; `percent`:
percentages above 100%; `overlap`: rules disagree on a sample; `no-values`: a mix has no value left somewhere;
`cycle`: mixes wait for each other; `size`: too many samples to count exactly."""


class Problem(msgspec.Struct, frozen=True):
    """One contradiction.

    Attributes:
        kind: what sort.
        message: one sentence with the numbers and the names.
        paths: IR paths of what it concerns, the most telling first (`taxonomy.topic.physics`, `mix.language.en`,
            `rule.0`, `exclusion.1`).
        notes: the numbers behind the message, one line each.
    """

    kind: Kind
    message: str
    paths: tuple[str, ...]
    notes: tuple[str, ...] = ()


class ProblemError(Exception):
    """Carries a problem from deep inside the allocator to its face, which returns it as a value."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
