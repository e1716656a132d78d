"""What ends a command before it is done: findings, and whose turn it is."""

from collections.abc import Sequence
from typing import Literal

from tapc.diagnostics import Diagnostic

Cause = Literal["spec", "usage", "incomplete", "interrupt"]
"""Where the reason lies: in the spec, in the way the command was used, outside of both, in the user's Ctrl-C."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the program
    """A command cannot do what it was asked to.

    Attributes:
        findings: what is wrong and what to do.
        cause: decides the exit code.
        subject: what the findings are about, where a command reads more than one spec.
    """

    def __init__(self, findings: Sequence[Diagnostic], cause: Cause, subject: str = "") -> None:
        super().__init__(findings[0].message if findings else "refused")
        self.findings = list(findings)
        self.cause: Cause = cause
        self.subject = subject
