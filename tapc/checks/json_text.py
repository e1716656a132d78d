"""`require json`."""

import msgspec

from tapc.checks.face import Subject
from tapc.ir import Check


class JsonCheck:
    """The text is one JSON value; white space around it is allowed, a code fence is not."""

    reason = "json"

    def __init__(self, check: Check) -> None:
        self._field = check.field

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        try:
            msgspec.json.decode(subject.text(self._field) if self._field else subject.raw)
        except msgspec.DecodeError as error:
            return str(error)
        return None
