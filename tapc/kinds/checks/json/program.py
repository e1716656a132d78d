"""What runs `require json`."""

from tapc.checks import CheckRuntime, CheckTools, NoJson, Subject, parse_json
from tapc.ir import Check
from tapc.kinds.checks.json.spec import KIND


class JsonCheck:
    """The text is one JSON value; white space around it is allowed, a code fence is not."""

    reason = "json"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._field = check.field

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        try:
            parse_json(subject.text(self._field) if self._field else subject.raw)
        except NoJson as error:
            return str(error)
        return None


RUNTIME = CheckRuntime(KIND.name, JsonCheck)
