"""`require no_reasoning`: the text contains no thought."""

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.no_reasoning.spec import KIND
from tapc.marks import left_thought


class ReasoningCheck:
    """Looks for marks by which models open and close thoughts; see `tapc.marks`. Quoted ones and code do not count.

    It holds for every plain text without being written, unless a step says `require no_reasoning off`.
    """

    reason = "reasoning"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._field = check.field

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        mark = left_thought(subject.text(self._field))
        return None if mark is None else f"a thought stands in the text, at {mark}"


def _default(tools: CheckTools) -> ReasoningCheck:
    return ReasoningCheck(KIND.model.trusted(check=KIND.name), tools)


RUNTIME = CheckRuntime(KIND.name, ReasoningCheck, _default)
