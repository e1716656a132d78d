"""`require run [ … ]`: a program of the user says whether a candidate passes."""

from typing import Any, cast

import msgspec

from tapc.checks import CheckRuntime, CheckTools, NoJson, Subject, parse_json
from tapc.ir import Check
from tapc.jobs import Draw, Job, JobFactory, Message, Reply
from tapc.kinds.checks.run.spec import KIND
from tapc.steps.recipes import program_recipe
from tapc.steps.texts import reason_of

_SAME = Draw(0, b"", 0, 0, 0)
"""Equal rows get equal answers, whichever slot they are from."""


class ProgramCheck:
    """Makes a job of a candidate and reads the answer; who runs programs answers it, and the store keeps it.

    The program reads `{"text": …, "fields": …, "axes": …}` and answers `true`, `false`, or an object with `accept` and
    perhaps a `reason`.
    """

    def __init__(self, check: Check, tools: CheckTools) -> None:
        # not under the step's own name: it is no part of the step's planned requests
        digest = tools.programs.get(check.command, "")
        recipe = program_recipe(step=f"{tools.step}.run", command=check.command, digest=digest)
        self._field = check.field
        self._factory = JobFactory(recipe)

    def job(self, subject: Subject) -> Job:
        """What is asked about a candidate."""
        row = {"text": subject.text(self._field), "fields": subject.fields, "axes": dict(sorted(subject.axes.items()))}
        return self._factory.job((Message("user", msgspec.json.encode(row).decode()),), _SAME)

    def read(self, reply: Reply) -> tuple[str, str] | None:
        """None where the program accepts, else reason and detail."""
        text = reply.texts[0] if reply.texts else ""
        if reply.outcome != "ok":
            return reason_of(reply)
        try:
            data = parse_json(text)
        except NoJson:
            return "nonsense", f"the program answered {text[:200]!r}"
        reason = ""
        if isinstance(data, dict):
            fields = cast("dict[str, Any]", data)
            data, reason = fields.get("accept"), str(fields.get("reason") or "")
        if not isinstance(data, bool):
            return "nonsense", f"the program answered {text[:200]!r}"
        return None if data else ("run", reason[:500])


RUNTIME = CheckRuntime(KIND.name, ProgramCheck)
