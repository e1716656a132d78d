"""The next step after a run, computed from what failed."""

import re
import shlex
from collections import Counter

from tapc.outputs import LostJobs
from tapc.workspace.run.report import RunReport

_GO_ON = "run the same command again to continue where it stopped; nothing is paid for twice."

_LASTING = frozenset({"TAP904", "TAP906", "TAP907", "TAP908", "TAP911", "TAP912", "TAP913", "TAP916"})
"""Findings about endpoints that do not pass with time."""

_TOO_LONG = re.compile(r"context|too long|too many tokens|input length", re.IGNORECASE)

_UNREADABLE = re.compile(r"cannot be read|no completion|decompressed|compressed as|empty body")

_HELPS = {
    "cut": "most texts were cut at their token limit: raise `max_tokens`, or the endpoint's `thinking N` if it thinks",
    "empty": "most replies hold no text; if they hold only thought, raise `max_tokens` or the endpoint's `thinking N`",
    "reasoning": "most texts hold thoughts that could not be split off: set `thinking off`, serve the model with a "
    "reasoning parser, or say `require no_reasoning off`",
    "filtered": "the provider's content filter refuses most prompts: change them, or use another endpoint",
    "refusal": "the model declines most prompts: change them, or use another endpoint",
    "leak": "replies repeat a secret: check the proxy or server between you and the model",
}
"""What helps if most attempts were rejected for one reason."""


def _after_ceiling(report: RunReport, spec: str) -> str:
    if all(loss.detail.endswith("of this run is reached") for loss in report.run.lost if loss.reason == "ceiling"):
        return "run the same command again to continue: each run has its own ceiling."
    return f"raise `budget` in {spec} and run again; what is paid for is kept."


def _after_brake(report: RunReport, spec: str) -> str:
    rejects = f" Rejected texts are in {report.folder}/data/rejects." if report.written else ""
    return f"edit {spec} where the finding says, and run again; --no-brake goes on as it is.{rejects}"


def _after_shortage(report: RunReport) -> str:
    if report.status != "short":
        return _GO_ON
    lost = [loss for loss in report.run.lost if not loss.given_up]
    reasons = {loss.reason for loss in lost}
    if "busy" in reasons:
        return "wait for the other run, or end its process; then run the same command again."
    if "endpoint" in reasons:
        return _after_endpoints(report)
    if reasons & {"refused", "failed"}:
        return _after_refusals(lost)
    return _after_rejects(report) if not report.run.lost and report.run.mode == "live" else _GO_ON


def _after_endpoints(report: RunReport) -> str:
    """Advice after an endpoint was stopped: its findings decide whether waiting may help."""
    findings = [p for p in report.problems if p.severity == "error"]
    lasting = [p for p in findings if p.code in _LASTING]
    if not lasting:
        return "when the endpoint works again, run the same command again; nothing is paid for twice."
    said = next((note for p in lasting for note in p.notes), "see the findings above")
    return f"running again changes nothing until this is fixed: {said}."


def _after_refusals(lost: list[LostJobs]) -> str:
    """Advice about requests without a reply; those refused for good would be refused again."""
    refused = [loss for loss in lost if loss.reason == "refused"]
    if any(_UNREADABLE.search(loss.detail) for loss in lost if loss.reason == "failed"):
        return "replies cannot be read: look at one with `tapc doctor`, or add --give-up to continue without them."
    if not refused:
        return "run the same command again, or add --give-up to continue without the requests that fail."
    if any(_TOO_LONG.search(loss.detail) for loss in refused):
        return (
            "these prompts do not fit the model's context: shorten them, lower `max_tokens`, or use a model with a "
            "larger context; --give-up continues without them."
        )
    return (
        "the same requests would be refused again: `tapc doctor` shows the parameter or prompt; change it, or add "
        "--give-up to continue without them."
    )


def _after_rejects(report: RunReport) -> str:
    """Every request has a reply, and too many were rejected."""
    place = f"{report.folder}/data/rejects" if report.written else "the summary above"
    reasons: Counter[str] = Counter()
    for found in report.manifest.rejected.values():
        reasons.update(found)
    most = reasons.most_common(1)[0][0] if reasons else ""
    if most in _HELPS:
        return f"running again changes nothing: {_HELPS[most]}. See the rejected texts in {place}."
    return f"running again changes nothing: see the rejected texts in {place}, then edit prompts or `attempts`."


def _after_surprise(report: RunReport, spec: str) -> str:
    """Every sample is there, but a config is empty or an expectation does not hold."""
    if report.status == "unexpected":
        return f"the dataset is complete; look at its rows in {report.folder}, then change {spec} or what it expects."
    return (
        "look at the `emit` (`from`, `truth`, `good`, `bad`) and at `accept`, or write `optional` in it if it may be "
        "empty."
    )


def advice(report: RunReport, spec: str) -> str:
    """The next step after a run. It advises to run again only if that can help."""
    if report.status in ("budget", "brake"):
        return (_after_ceiling if report.status == "budget" else _after_brake)(report, spec)
    if report.run.mode == "partial" and report.manifest.samples.short:
        return "run the same command without --partial for the rest."
    if report.status in ("empty", "unexpected"):
        return _after_surprise(report, spec)
    if report.status in ("short", "interrupt"):
        return _after_shortage(report)
    configs = [entry.path.split("/")[1] for entry in report.manifest.files if "/rejects/" not in entry.path]
    if not configs:
        return f"look at the rejected texts in {report.folder}/data/rejects"
    plan = f"tapc plan {shlex.quote(spec)}"
    return f'datasets.load_dataset("{report.folder}", "{configs[0]}"), or edit {spec} and see `{plan}`.'
