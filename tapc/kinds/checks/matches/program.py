"""What runs `require [not] matches "…"`."""

import regex

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.matches.spec import KIND

SECONDS = 1.0
"""Most time one match may take. Patterns that backtrack without end would hold everything up; what cannot be decided in
this time is rejected, either way. Patterns that end at all end in a thousandth of it."""


class PatternCheck:
    """Searches a text; the pattern may match anywhere, `^` and `$` anchor it to the text."""

    reason = "matches"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._field = check.field
        self._negated = check.negated
        self._pattern = regex.compile(check.pattern or "")

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        text = subject.text(self._field)
        try:
            found = self._pattern.search(text, timeout=SECONDS)
        except TimeoutError:
            return f"matching {self._pattern.pattern} takes more than {SECONDS:.0f} s"
        if self._negated:
            return None if found is None else f"{self._pattern.pattern} matches {found[0][:80]!r}"
        return f"{self._pattern.pattern} does not match" if found is None else None


RUNTIME = CheckRuntime(KIND.name, PatternCheck)
