"""Checks of one step, applied to one candidate."""

from collections.abc import Callable

from tapc.checks import CandidateCheck, CheckTools, MemoryCheck, Subject, compile_check
from tapc.ir import Check
from tapc.steps.effects import Decide, Lane
from tapc.steps.program import SlotState
from tapc.steps.results import Judged, ScoreValue

Failure = tuple[str, str]
"""Reason (a code) and detail (for people)."""

_Memo = dict[tuple[bytes, str], str | None]


class Acceptance:
    """What a candidate must pass: checks on it alone first, then those that depend on other slots.

    Attributes:
        ranked: whether any check depends on other slots.
        empty: whether there is nothing to pass.
    """

    def __init__(self, checks: tuple[Check, ...], tools: CheckTools) -> None:
        self._alone: list[CandidateCheck] = []
        self._ranked: list[tuple[MemoryCheck, _Memo]] = []
        for check in checks:
            compiled = compile_check(check, tools)
            if isinstance(compiled, MemoryCheck):
                self._ranked.append((compiled, {}))
            else:
                self._alone.append(compiled)
        self.ranked = bool(self._ranked)
        self.empty = not checks

    def alone(self, subject: Subject) -> Failure | None:
        """First failing check on the candidate alone."""
        for check in self._alone:
            detail = check.check(subject)
            if detail is not None:
                return check.reason, detail
        return None

    async def beside_others(self, lane: Lane, subject: Subject, shared: bytes) -> Failure | None:
        """First failing check that depends on other slots.

        Args:
            lane: who asks.
            subject: what is judged.
            shared: empty, or the job's key where several slots share one text; they then share the decision too.
        """
        for check, memo in self._ranked:
            group = subject.axes.get(check.within, "") if check.within else ""
            decider = _Shared(check, memo, shared) if shared else check
            detail = await Decide(lane, decider, subject.text(check.field), group)
            if detail is not None:
                return check.reason, detail
        return None


class _Shared:
    """Decides about one text that several slots share: only the first of them asks the memory."""

    __slots__ = ("_check", "_key", "_memo")

    def __init__(self, check: MemoryCheck, memo: _Memo, key: bytes) -> None:
        self._check = check
        self._memo = memo
        self._key = key

    def decide(self, text: str, group: str) -> str | None:
        """See `RankedCheck.decide`."""
        place = (self._key, group)
        if place not in self._memo:
            self._memo[place] = self._check.decide(text, group)
        return self._memo[place]


def scores_of(
    slot: SlotState, candidate: int, own: Callable[[str], ScoreValue] | None = None, step: str = ""
) -> Callable[[str], ScoreValue]:
    """Looks scores up by `step.name` for one candidate of a slot; `own` answers for the step being made."""

    def score(name: str) -> ScoreValue:
        owner, _, aspect = name.partition(".")
        if own is not None and (owner == step or not aspect):
            return own(aspect or owner)
        result = slot.results.get(owner)
        return result.score(candidate, aspect) if isinstance(result, Judged) else None

    return score
