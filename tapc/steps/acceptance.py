"""Checks of one step, applied to one candidate."""

from collections.abc import Callable, Mapping

import msgspec

from tapc.checks import AskingCheck, CandidateCheck, CheckRuntime, MemoryCheck, Subject
from tapc.ir import Check
from tapc.steps.context import StepTools
from tapc.steps.effects import Ask, Asker, Decide
from tapc.steps.program import SlotState
from tapc.steps.results import Judged, ScoreValue

Failure = tuple[str, str]
"""Reason (a code) and detail (for people)."""


class Acceptance:
    """What a candidate must pass: checks on it alone first, then those that depend on other slots.

    Args:
        step: name of the step.
        checks: what its spec requires.
        kinds: what runs each kind of check, by name.
        tools: what steps and checks are given.
        plain: whether candidates are plain texts, for which some checks hold without being written.

    Attributes:
        ranked: whether any check depends on other slots.
        empty: whether there is nothing to pass.
    """

    def __init__(
        self,
        step: str,
        checks: tuple[Check, ...],
        kinds: Mapping[str, CheckRuntime],
        tools: StepTools,
        *,
        plain: bool = False,
    ) -> None:
        self._alone: list[CandidateCheck] = []
        self._ranked: list[MemoryCheck] = []
        self._asking: list[AskingCheck] = []
        given = msgspec.structs.replace(tools.checks, step=step, programs=tools.programs)
        named = {check.check for check in checks}
        makers = (runtime.default for kind, runtime in kinds.items() if plain and kind not in named)
        self._defaults = [make(given) for make in makers if make is not None]
        for check in checks:
            if check.turned_off():
                continue
            compiled = kinds[check.check].make(check, given)
            if isinstance(compiled, AskingCheck):
                self._asking.append(compiled)
            elif isinstance(compiled, MemoryCheck):
                self._ranked.append(compiled)
            else:
                self._alone.append(compiled)
        self._shared: dict[bytes, Failure | None] = {}
        self.ranked = bool(self._ranked)
        self.empty = not (self._alone or self._ranked or self._asking)

    def by_default(self, text: str) -> Failure | None:
        """First failing check of those that hold without being written."""
        subject = Subject(text, None, {})
        for check in self._defaults:
            detail = check.check(subject)
            if detail is not None:
                return check.reason, detail
        return None

    async def alone(self, subject: Subject) -> Failure | None:
        """First failing check on the candidate alone; checks that ask come last, about what passed before."""
        for check in self._alone:
            detail = check.check(subject)
            if detail is not None:
                return check.reason, detail
        for asking in self._asking:
            failure = asking.read(await Ask(asking.job(subject)))
            if failure is not None:
                return failure
        return None

    async def beside_others(self, asker: Asker, subject: Subject, shared: bytes) -> Failure | None:
        """First failing check that depends on other slots; all of them are decided at once.

        Args:
            asker: who asks.
            subject: what is judged.
            shared: empty, or the job's key where several slots share one text; they then share the decision too.
        """
        decision = _Decision(self._ranked, subject, shared, self._shared)
        group = subject.axes.get(self._ranked[0].within or "", "")
        detail = await Decide(asker, decision, subject.text(self._ranked[0].field), group)
        # a driver may answer for itself, say in a preview; then the first check's reason stands
        return decision.failure or (None if detail is None else (self._ranked[0].reason, detail))


class _Decision:
    """All ranked checks of one candidate: a text is remembered only if every one of them lets it pass.

    Attributes:
        failure: set by `decide`.
    """

    __slots__ = ("_checks", "_shared", "_subject", "_taken", "failure")

    def __init__(
        self, checks: list[MemoryCheck], subject: Subject, shared: bytes, taken: dict[bytes, Failure | None]
    ) -> None:
        self._checks = checks
        self._subject = subject
        self._shared = shared
        self._taken = taken
        self.failure: Failure | None = None

    def decide(self, text: str, group: str) -> str | None:  # noqa: ARG002 - each check looks at its own field and group
        """See `RankedCheck.decide`."""
        if self._shared in self._taken:
            self.failure = self._taken[self._shared]
        else:
            self.failure = self._weigh()
            if self._shared:
                self._taken[self._shared] = self.failure
        return self.failure[1] if self.failure else None

    def _weigh(self) -> Failure | None:
        keepers: list[Callable[[], None]] = []
        for check in self._checks:
            group = self._subject.axes.get(check.within, "") if check.within else ""
            detail, keep = check.weigh(self._subject.text(check.field), group)
            if detail is not None:
                return check.reason, detail
            keepers.append(keep)
        for keep in keepers:
            keep()
        return None


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
