"""The brake of a run, for people: what it saw, where in the spec the reason lies, and what would help."""

from collections.abc import Mapping

from tapc.diagnostics import Diagnostic, rule
from tapc.engine import Brake, Braked, Work
from tapc.ir import dollars
from tapc.outputs import BrakeEntry, RejectedText, RunDocument
from tapc.outside.key_shapes import find_keys
from tapc.outside.visible import one_line
from tapc.plan import Planned
from tapc.semantics import Place

_CODE = "TAP940"

_STORED = 500
"""Characters of a rejected text that run.json holds."""

_SHOWN = 100
"""Columns of a rejected text on the screen."""

_FIELDS: Mapping[str, str] = {
    "cut": "max_tokens",
    "empty": "max_tokens",
    "invalid": "returns",
    "nonsense": "attempts",
    "missing-verdict": "attempts",
    "no-answer": "extract",
    "margin": "margin",
    "tie": "by",
    "missing-score": "by",
    "chosen-too-weak": "chosen",
    "wrong-way": "chosen",
}
"""Field of a step that decides about a reason that does not come from a check."""


def brake_of(planned: Planned, work: Work) -> Brake:
    """The brake of a run of a plan."""
    size = len(planned.slots)
    candidates = {program.name: program.most_candidates for program in work.pipeline.programs}
    need = {
        step.name: candidates[step.name] if writing.need is None else writing.need
        for step in planned.dataset.steps
        if (writing := step.writing()) is not None
    }
    return Brake(work.pipeline, work.spare, work.reserve, size / max(1, size + planned.reserve()), need=need)


def brake_entry(braked: Braked) -> BrakeEntry:
    """What `run.json` says of it."""
    return BrakeEntry(
        step=braked.step,
        reason=braked.reason,
        samples=braked.tried,
        rejected=braked.rejected,
        blamed=braked.blamed,
        needed=round(braked.needed, 4),
        examples=[
            RejectedText(
                text=_masked(text.text)[:_STORED],
                detail=_masked(text.detail)[:_STORED],
                endpoint=text.endpoint,
                attempt=text.attempt,
            )
            for text in braked.examples
        ],
    )


def brake_findings(run: RunDocument, planned: Planned, origins: Mapping[str, Place]) -> list[Diagnostic]:
    """The finding of a run that the brake stopped.

    Args:
        run: what the run did.
        planned: its plan.
        origins: places of the spec's parts, see `tapc.semantics.Report`.
    """
    brake = run.brake
    if brake is None:
        return []
    place, field = _to_blame(brake, planned, origins)
    all_of_them = "all" if brake.blamed == brake.rejected else f"{brake.blamed:,} of them"
    message = (
        f"{brake.rejected:,} of the first {brake.samples:,} samples are rejected, {all_of_them} by `{brake.step}` "
        f"({brake.reason}); nothing more is sent"
    )
    spent = f"{dollars(round(run.spend.usd * 10**12))} was spent on {run.requests.sent:,} requests of this run"
    return [
        Diagnostic(
            _CODE,
            rule(_CODE).severity,
            message,
            () if place is None else (place.label(),),
            (
                *(_example(text) for text in brake.examples),
                f"the reserve suffices if {brake.needed:.0%} of the samples or more pass",
                f"{field}; see what is rejected with `tapc preview`",
                f"{spent}; running again without an edit sends nothing more, and --no-brake goes on in any case",
            ),
        )
    ]


def _to_blame(brake: BrakeEntry, planned: Planned, origins: Mapping[str, Place]) -> tuple[Place | None, str]:
    """The place in the spec to look at, and what to do there."""
    path = f"step.{brake.step}"
    runtimes = planned.kinds.checks
    step = next((step for step in planned.dataset.steps if step.name == brake.step), None)
    checks = () if step is None else step.checks()
    check = next((check for check in checks if runtimes[check.check].reason == brake.reason), None)
    if check is not None:
        place = origins.get(f"{path}.require.{check.check}", origins.get(path))
        return place, f"change `require {check.check}`, the prompt, or `attempts` of `{brake.step}`"
    field = _FIELDS.get(brake.reason)
    if field is None:
        return origins.get(path), f"change the prompt, the model or `attempts` of `{brake.step}`"
    return origins.get(f"{path}.{field}", origins.get(path)), f"look at `{field}` of `{brake.step}`, and at its prompt"


def _example(text: RejectedText) -> str:
    why = f" ({one_line(text.detail, _SHOWN)})" if text.detail else ""
    return f'rejected: "{one_line(text.text, _SHOWN)}"{why}'


def _masked(text: str) -> str:
    """The text with asterisks for API keys; terminals and run files are shared."""
    for _, start, end in reversed(find_keys(text)):
        text = text[:start] + "***" + text[end:]
    return text
