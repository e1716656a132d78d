"""A plan in words: what it sends and costs, whether it fits the budget, and what it touches."""

import shlex
from collections.abc import Iterable, Iterator
from math import ceil

from rich.cells import cell_len
from rich.text import Text

from tapc.outside.visible import one_line
from tapc.plan import CapPlan, PlanDocument, TouchesPlan
from tapc.plan.estimate import TOKENS_PER_SECOND
from tapc.ui.amounts import count, duration, money, some
from tapc.ui.forecast import cost_range, requests_range

_FILES = 40
"""Names of files shown; all others are in `--json`."""

_NONE = {"files": "other file", "hosts": "host", "environment": "environment variable", "programs": "program"}


def headline(document: PlanDocument, *, worst: bool = False) -> Text:
    """Requests to send, expected and highest cost, and time.

    Args:
        document: the plan.
        worst: whether to say what it costs at most without a budget, too.
    """
    total, budget = document.total, document.budget
    if not total.requests.ceiling:
        return Text("0 requests to send, $0")
    text = Text(f"{some(total.requests.expected, 'request')} to send", style="head")
    text.append(requests_range(document.forecast), style="")
    if any(not step.priced for step in document.steps):
        return text.append(", at no known cost", style="warn")
    text.append(f", {count(total.tokens.expected)} tokens", style="head")
    if not total.cost_usd.ceiling:
        text.append(", free", style="head")
        return _timed(text, document)
    text.append(f", {money(total.cost_usd.expected)} expected", style="head")
    text.append(cost_range(document.forecast), style="")
    ceiling = total.cost_usd.ceiling
    left = None if budget.cost_usd is None else max(0.0, budget.cost_usd - budget.spent_usd)
    if left is not None and left < ceiling:
        text.append(f", at most {money(left)}", style="")
        text.append(f" ({money(ceiling)} without the budget)" if worst else "", style="")
    elif worst or left is not None:
        text.append(f", at most {money(ceiling)}", style="")
    return _timed(text, document)


def _timed(text: Text, document: PlanDocument) -> Text:
    """Append the time it takes, if that is known."""
    seconds = document.total.seconds.expected
    return text.append(f", about {duration(seconds)}", style="") if seconds else text


def pace_text(document: PlanDocument) -> Text | None:
    """Where the time comes from: speeds that runs have measured, or what is assumed; None if nothing takes time."""
    busy = [endpoint for endpoint in document.endpoints if endpoint.seconds.expected]
    assumed = [endpoint for endpoint in busy if endpoint.pace is None]
    text = Text(style="quiet")
    for endpoint in busy:
        if (pace := endpoint.pace) is not None:
            speed = f"{pace.median_seconds:.2g} s per request, up to {endpoint.at_once} at once"
            text.append(f"Time as measured at {one_line(pace.server)} ({one_line(endpoint.model)}): {speed}.\n")
    if assumed:
        names = ", ".join(one_line(endpoint.name) for endpoint in assumed)
        text.append(f"Time is assumed for {names}: {TOKENS_PER_SECOND} tokens per second of each request, up to ")
        text.append(", ".join(dict.fromkeys(str(e.at_once) for e in assumed)) + " at once. A run measures it.\n")
    text.right_crop(1)
    return text if busy else None


def verdict(document: PlanDocument) -> Text:
    """Whether the plan fits the budget."""
    text = Text()
    if not document.total.requests.ceiling:
        _nothing(document, text)
    elif not document.total.requests.floor:
        text.append(f"{document.total.missing or 0:,} samples lack replies that replace rejected ones.", style="warn")
    else:
        _budget(document, text)
    for cap in document.budget.caps:
        if not cap.fits_expected and document.total.requests.ceiling:
            text.append(f"\n{_cap(cap)}", style="warn")
    if not document.total.cached_exact:
        text.append("\nWhat the store has is extrapolated from a sample of the slots.", style="quiet")
    if document.simulated and document.total.requests.ceiling:
        text.append("\nSimulated endpoints cost nothing; costs are at the prices of the spec.", style="sim")
    return text


def _nothing(document: PlanDocument, text: Text) -> None:
    short = document.samples - (document.total.accepted or 0)
    if document.total.accepted is None or not short:
        text.append("Nothing to send: every reply is in the store.", style="good")
    else:
        text.append("Nothing to send: stored replies decide every sample", style="good")
        text.append(f"; {short:,} of {document.samples:,} stay short.", style="warn")


def _budget(document: PlanDocument, text: Text) -> None:
    budget = document.budget
    if any(not step.priced for step in document.steps):
        text.append("An endpoint has no price, so the cost is not known.", style="warn")
        return
    if budget.cost_usd is None and budget.tokens is None and budget.requests is None:
        text.append(f"No budget is set{' for the whole dataset' if budget.caps else ''}", style="warn")
        text.append("; `tapc plan --worst` shows the most it can cost." if document.total.cost_usd.ceiling else ".")
        return
    reasons = _reasons(document)
    if reasons:
        text.append("Over the budget", style="bad")
        text.append(f": {'; '.join(reasons)}. The run would stop there.")
        if budget.cost_usd is not None:
            text.append(f" A cap of {money(budget.smallest_cap_usd)} is expected to suffice.")
        return
    if not all(cap.fits_expected for cap in budget.caps):
        text.append(f"Fits the whole budget ({_stated(document)}), but not every ceiling in it.", style="warn")
        return
    if budget.fits_likely is False:
        text.append("Fits the budget as expected, but not with 95% certainty", style="warn")
    else:
        text.append("Fits the budget", style="good")
    text.append(f" ({_stated(document)}), which no run can cross.")


def _stated(document: PlanDocument) -> str:
    """The ceilings of the whole dataset, and the part that is spent."""
    budget = document.budget
    found: list[str] = []
    if budget.cost_usd is not None:
        spent = f", {money(budget.spent_usd)} of it spent" if budget.spent_usd else ""
        found.append(f"{money(budget.cost_usd)}{spent}")
    if budget.tokens is not None:
        found.append(f"{count(budget.tokens)} tokens")
    if budget.requests is not None:
        found.append(f"{count(budget.requests)} requests")
    return ", ".join(found)


def _reasons(document: PlanDocument) -> list[str]:
    """Ceilings of the whole dataset that the expected usage exceeds."""
    budget, total = document.budget, document.total
    found: list[str] = []
    if budget.cost_usd is not None and budget.spent_usd + total.cost_usd.expected > budget.cost_usd:
        left = max(budget.cost_usd - budget.spent_usd, 0.0)
        found.append(f"{money(left)} of {money(budget.cost_usd)} is left")
    if budget.tokens is not None and budget.spent_tokens + total.tokens.expected > budget.tokens:
        left = max(budget.tokens - budget.spent_tokens, 0)
        found.append(f"{count(left)} of {count(budget.tokens)} tokens are left for {count(total.tokens.expected)}")
    if budget.requests is not None and budget.spent_requests + total.requests.expected > budget.requests:
        left = max(budget.requests - budget.spent_requests, 0)
        found.append(f"{count(left)} of {count(budget.requests)} requests are left")
    return found


def _cap(cap: CapPlan) -> str:
    """A nested ceiling that its part is expected to exceed."""
    if cap.kind == "run" and cap.cost_usd:
        runs = ceil(cap.expected_usd / cap.cost_usd)
        spend = f"One run may spend {money(cap.cost_usd)}"
        return f"{spend}, so about {runs:,} runs are needed; each continues where the last one stopped."
    what = "One run" if cap.kind == "run" else f"The {cap.kind} {cap.name}"
    caps = [
        *([] if cap.cost_usd is None else [money(cap.cost_usd)]),
        *([] if cap.tokens is None else [f"{count(cap.tokens)} tokens"]),
        *([] if cap.requests is None else [f"{count(cap.requests)} requests"]),
    ]
    spent = f", {money(cap.spent_usd)} of it spent" if cap.spent_usd else ""
    more = f"and is expected to use more ({money(cap.expected_usd)}): it stops there."
    return f"{what} may use {', '.join(caps)}{spent}, {more}"


def touches_lines(touches: TouchesPlan, width: int) -> Text:
    """One line per kind of thing, continued under its beginning, and one line for kinds of which there is nothing."""
    files = [file.path for file in touches.files if file.use != "spec"]
    if len(files) > _FILES:
        files[_FILES:] = [f"and {len(files) - _FILES:,} more (--json lists them)"]
    kinds = {
        "files": files,
        "hosts": list(_hosts(touches)),
        "environment": [f"{v.name}{'' if v.needed else ' (optional)'}" for v in touches.environment],
        "programs": [shlex.join(program.command) for program in touches.programs],
    }
    heads = {"files": "reads", "hosts": "asks", "environment": "takes from the environment", "programs": "runs"}
    text = Text()
    for kind, shown in kinds.items():
        if shown:
            text.append(f"{heads[kind]}: ", style="name")
            text.append(_wrapped((one_line(name) for name in shown), width, cell_len(heads[kind]) + 2) + "\n")
    none = [_NONE[kind] for kind, shown in kinds.items() if not shown]
    if none:
        text.append(f"touches no {', '.join(none[:-1])}{' or ' if none[1:] else ''}{none[-1]}", style="quiet")
    else:
        text.right_crop(1)
    return text


def _hosts(touches: TouchesPlan) -> Iterator[str]:
    """Hosts, each once, with the endpoints that use it."""
    found: dict[str, list[str]] = {}
    for host in touches.hosts:
        if host.variable is None:
            name = host.host or ""
        else:
            name = f"the host in {host.variable}" + (f", else {host.host}" if host.host else "")
        use = host.use.removeprefix("endpoint ") + (", by check and plan as well" if host.when == "check" else "")
        found.setdefault(name, []).append(use)
    for name, uses in found.items():
        yield f"{name} ({', '.join(uses)})"


def _wrapped(parts: Iterable[str], width: int, indent: int) -> str:
    """Parts separated by two spaces, further lines indented; a part is never cut."""
    lines, room = [""], width - indent
    for part in parts:
        if lines[-1] and cell_len(lines[-1]) + 2 + cell_len(part) > room:
            lines.append("")
        lines[-1] += f"  {part}" if lines[-1] else part
    return ("\n" + " " * indent).join(lines)
