"""Two answers at a time, in both orders; a judge that contradicts itself has seen a tie."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Literal

import msgspec

from tapc.ir import Rubric
from tapc.kinds.steps.judge.asking import Answer, ask_judge
from tapc.kinds.steps.judge.base import Findings, JudgeParts
from tapc.kinds.steps.judge.form import Nonsense, closed, decode, members
from tapc.kinds.steps.judge.prompt import Block
from tapc.kinds.steps.judge.scale import OVERALL
from tapc.steps.program import SlotState
from tapc.steps.results import Candidate, Rejection, ScoreValue, Verdict

_TASK = (
    "Compare answer A with answer B as replies to the prompt. Their order means nothing. First write the rationale, "
    "two to four sentences that compare them on each aspect; then say for each aspect, and overall, which answer is "
    "better under the rubric: `A`, `B`, or `tie` where neither is. Reply with one JSON object."
)

Better = Literal["A", "B", "tie"]

_HALF = Fraction(1, 2)


class Comparison(msgspec.Struct, frozen=True):
    """One reading: which is better on each aspect."""

    better: Mapping[str, Better]
    rationale: str


def compared_names(rubric: Rubric) -> tuple[str, ...]:
    """Aspects that can be better or worse, and `overall`; categories are neither."""
    return (*(a.name for a in rubric.aspects if a.scale != "category" and a.name != OVERALL), OVERALL)


def schema(rubric: Rubric) -> bytes:
    """Schema of one reply."""
    choice = {"type": "string", "enum": ["A", "B", "tie"]}
    return msgspec.json.encode(
        closed({"rationale": {"type": "string"}} | dict.fromkeys(compared_names(rubric), choice))
    )


def read_comparison(names: tuple[str, ...], text: str) -> Comparison:
    """Read one reply.

    Raises:
        Nonsense: it is not a comparison.
    """
    fields = members(decode(text), ("rationale", *names))
    better: dict[str, Better] = {}
    for name in names:
        choice = fields[name]
        if choice not in ("A", "B", "tie"):
            raise Nonsense(f"{name} is {choice!r}, not A, B or tie")
        better[name] = choice
    rationale = fields["rationale"]
    if not isinstance(rationale, str):
        raise Nonsense("the rationale is not a text")
    return Comparison(better, rationale.strip())


def settle(forward: Better, backward: Better) -> tuple[Fraction, bool]:
    """Share of the win that goes to the first answer, and whether both orders agree.

    Args:
        forward: with the first answer as A.
        backward: with the first answer as B.
    """
    turned = {"A": "B", "B": "A", "tie": "tie"}[backward]
    if forward != turned:
        return _HALF, False
    return {"A": Fraction(1), "B": Fraction(0), "tie": _HALF}[forward], True


class _Tally:
    """Wins of each candidate on each aspect."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.wins: dict[tuple[int, str], Fraction] = {}
        self.played: dict[int, int] = {}
        self.agreed: dict[int, int] = {}
        self.keys: dict[int, list[bytes]] = {}
        self.rationales: dict[int, list[str]] = {}

    def add(self, a: int, b: int, forward: Answer[Comparison], backward: Answer[Comparison]) -> None:
        """Count one comparison; one that is missing in either order does not count."""
        if forward.read is None or backward.read is None:
            return
        for name in self.names:
            share, same = settle(forward.read.better[name], backward.read.better[name])
            for index, won in ((a, share), (b, 1 - share)):
                self.wins[index, name] = self.wins.get((index, name), Fraction(0)) + won
                if name == OVERALL:
                    self.played[index] = self.played.get(index, 0) + 1
                    self.agreed[index] = self.agreed.get(index, 0) + same
        for index in (a, b):
            self.keys.setdefault(index, []).extend((forward.key, backward.key))
            self.rationales.setdefault(index, []).append(forward.read.rationale)

    def verdict(self, index: int) -> Verdict | None:
        """Win rates of a candidate, None where it was never compared."""
        played = self.played.get(index, 0)
        if not played:
            return None
        scores: list[tuple[str, ScoreValue]] = [(name, self.wins[index, name] / played) for name in self.names]
        scores.append(("agreement", Fraction(self.agreed[index], played)))
        return Verdict(index, tuple(scores), "\n\n".join(self.rationales[index]), tuple(self.keys[index]))


async def pairwise(parts: JudgeParts, slot: SlotState, candidates: Sequence[Candidate], sample: int) -> Findings:
    """Compare every two candidates in both orders by every judge of the panel; scores are win rates."""
    names = compared_names(parts.step.rubric)
    games = [(a, b, factory) for a, b in combinations(candidates, 2) for factory in parts.factories]
    orders = [(a, b, turned, factory) for a, b, factory in games for turned in (False, True)]

    async def play(order: int) -> Answer[Comparison]:
        a, b, turned, factory = orders[order]
        first, second = (b, a) if turned else (a, b)
        answers = (Block("answer-A", first.text), Block("answer-B", second.text))
        blocks = [*parts.material.blocks(slot, a), *answers]
        messages = parts.prompt.messages(parts.material.names(slot, a), sample, blocks, _TASK)

        def read(text: str) -> Comparison:
            return read_comparison(names, text)

        return await ask_judge(factory, messages, read, attempts=parts.step.attempts, candidate=first.index)

    found = await parts.together([play(order) for order in range(len(orders))])
    tally = _Tally(names)
    rejections: list[Rejection] = [rejection for answer in found for rejection in answer.rejections]
    for game, (a, b, _) in enumerate(games):
        tally.add(a.index, b.index, found[2 * game], found[2 * game + 1])
    return Findings(tuple(tally.verdict(one.index) for one in candidates), tuple(rejections))
