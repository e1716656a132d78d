"""`require run [ … ]`."""

from tapc.checks.face import CheckPrograms, Subject
from tapc.ir import Check


class ProgramCheck:
    """Hands the subject to a program of the user, which runs above, where it is allowed."""

    reason = "run"

    def __init__(self, check: Check, programs: CheckPrograms | None) -> None:
        if programs is None:
            raise TypeError(f"no way to run {' '.join(check.command)} was lent")
        self._field = check.field
        self._command = check.command
        self._programs = programs

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        row = {"text": subject.text(self._field), "fields": subject.fields, "axes": dict(subject.axes)}
        return self._programs.verdict(self._command, row)
