"""`require json`."""

from typing import Any

import msgspec

from tapc.checks.face import CheckTools, Subject
from tapc.ir import Check


class NoJson(ValueError):  # noqa: N818 - says what the text is
    """A text is no JSON; the message says why."""


def parse_json(text: str) -> Any:
    """The JSON value a text is.

    Raises:
        NoJson: it is none, or nested beyond all reason.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise NoJson(str(error)) from error
    except RecursionError as error:
        raise NoJson("nested too deeply") from error


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


KIND = JsonCheck
"""What `tapc.checks.compile` makes of a check of this file's name."""
