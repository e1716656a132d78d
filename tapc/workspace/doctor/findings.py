"""Findings of an examination, each with a code and a next step."""

from tapc.diagnostics import Diagnostic, did_you_mean, rule
from tapc.endpoints.client import Failure, finish_outcome
from tapc.endpoints.dispatch import authorize
from tapc.endpoints.protocols import LIMIT_FIELDS
from tapc.steps import ALL_THOUGHT
from tapc.workspace.doctor.document import EndpointReport, StepReport


def of_endpoint(report: EndpointReport, keys: tuple[str, ...]) -> list[Diagnostic]:
    """Findings about one replica; `keys` are the environment variables that hold the endpoint's key."""
    name, url = report.endpoint, report.url
    if not report.reachable:
        return [_told("TAP905", f"endpoint {name!r}: {url} cannot be asked: {report.said}", "is the server running?")]
    if report.key == "refused":
        return [_told("TAP904", f"endpoint {name!r}: {url} says {report.said}", authorize(keys))]
    found: list[Diagnostic] = []
    if report.said:
        found.append(_told("TAP905", f"endpoint {name!r}: {url} says {report.said}", "is its `url` right?"))
    if report.listed is False:
        close = did_you_mean(report.model, report.models)
        hint = f"did you mean {close!r}? " if close else ""
        note = f"{hint}it lists {', '.join(report.models)}"
        found.append(_told("TAP930", f"endpoint {name!r}: {url} does not list the model {report.model!r}", note))
    if report.root is not None:
        message = f"endpoint {name!r}: {url} serves {report.root!r} under the name {report.model!r}"
        found.append(_told("TAP931", message, "if it was another model before, set `revision` so that replies differ"))
    return found


def of_step(report: StepReport, failure: Failure | None) -> list[Diagnostic]:
    """Findings about one step at one endpoint."""
    where = f"step {report.step!r} at endpoint {report.endpoint!r}"
    if failure is not None:
        return [_failed(report, failure, where)]
    found: list[Diagnostic] = []
    if "n" in report.ignored or "stop" in report.ignored:
        names = " and ".join(f"`{name}`" for name in report.ignored if name in ("n", "stop"))
        found.append(_told("TAP932", f"{where}: {names} had no effect", "leave it out, or use another endpoint"))
    limits = [name for name in report.ignored if name not in ("n", "stop")]
    if limits:
        message = f"{where}: it wrote {report.output_tokens:,} tokens, past the limit sent as `{limits[0]}`"
        note = "set `token_field` to the name of the limit it honors (max_completion_tokens), or raise `overhead`"
        found.append(_told("TAP908", message, note))
    if report.seed == "differs":
        note = "nothing to do: replies are stored, so a dataset can be rebuilt; only new requests give other replies"
        found.append(_told("TAP932", f"{where}: two sends with the same `seed` gave different replies", note))
    found += _of_usage(report, where)
    if report.structured == "prompted":
        note = "the schema goes into the prompt instead; replies are checked either way"
        found.append(_told("TAP934", f"{where}: `response_format` is refused", note))
    if report.structured == "invalid":
        note = "such replies are asked again, up to `attempts`; a model that supports structured output wastes less"
        found.append(_told("TAP934", f"{where}: the reply does not meet the step's schema", note))
    found += _of_reply(report, where)
    for name in report.refused:
        if name in LIMIT_FIELDS:
            other = LIMIT_FIELDS[name]
            note = f"runs send it as `{other}`; `token_field {other}` in the endpoint spares the first request"
            found.append(_told("TAP936", f"{where}: the limit is refused under the name `{name}`", note))
    return found


def _of_usage(report: StepReport, where: str) -> list[Diagnostic]:
    """Findings about the usage that a reply reports."""
    found: list[Diagnostic] = []
    if report.usage is False:
        note = "each request is charged at its worst case; a cost budget will be used up early"
        found.append(_told("TAP933", f"{where}: the reply reports no usage", note))
    if report.unpriced:
        message = f"{where}: it reports {report.unpriced}, which the price does not cover"
        note = "add what it costs to the endpoint's `price`; under a cost budget a run stops at the first such reply"
        found.append(_told("TAP913", message, note))
    return found


def _of_reply(report: StepReport, where: str) -> list[Diagnostic]:
    """Findings about the text and the end of a reply."""
    if report.thought and not report.text:
        return [_told("TAP935", f"{where}: the reply holds a thought and no answer", ALL_THOUGHT)]
    if report.outcome == "length":
        return [_told("TAP935", f"{where}: the reply was cut at the token limit", "raise `max_tokens`")]
    if report.outcome == "leak":
        note = "check the proxy or server between you and the model"
        return [_told("TAP935", f"{where}: the reply repeats the endpoint's key", note)]
    if finish_outcome(report.finish) is None:
        note = "check that such texts are complete: they are taken as such; the word is stored with each reply"
        return [_told("TAP917", f"{where}: the reply ends by a word that is not known, {report.finish!r}", note)]
    return []


def _failed(report: StepReport, failure: Failure, where: str) -> Diagnostic:
    message = f"{where}: {failure.detail}"
    code = {"auth": "TAP904", "missing": "TAP906", "redirect": "TAP907", "quota": "TAP911"}.get(failure.fault)
    if code is not None:
        return _told(code, message, "check the endpoint's `url`, `key` and `model`")
    if failure.status in (400, 422):
        shown = ", ".join(f"`{name}`" for name in report.refused)
        note = (
            f"it refuses {shown}: leave out what the model does not take"
            if shown
            else "the prompt itself is refused: read the message and change the prompt"
        )
        return _told("TAP912", message, note)
    code = "TAP910" if failure.status else "TAP905"
    return _told(code, message, "try again later; a run would wait and retry")


def _told(code: str, message: str, note: str) -> Diagnostic:
    return Diagnostic(code, rule(code).severity, message, (), (note,))
