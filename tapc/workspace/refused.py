"""The exception that ends a command early: findings, and where the reason lies."""

from collections.abc import Sequence
from typing import Literal

from tapc.diagnostics import Diagnostic

Cause = Literal["spec", "usage", "incomplete", "interrupt"]
"""Where the reason lies: in the spec, in the use of the command, outside of both, in the user's Ctrl-C."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the program
    """A command cannot do what it was asked to.

    Attributes:
        findings: diagnostics that say what is wrong and what to do.
        cause: where the reason lies; decides the exit code.
        subject: the spec that the findings are about, if a command reads more than one.
    """

    def __init__(self, findings: Sequence[Diagnostic], cause: Cause, subject: str = "") -> None:
        super().__init__(findings[0].message if findings else "refused")
        self.findings = list(findings)
        self.cause: Cause = cause
        self.subject = subject
