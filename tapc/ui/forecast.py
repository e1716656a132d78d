"""A forecast in words: what a run is expected to send and pay, how sure that is, and what it rests on."""

from collections.abc import Callable

from rich.text import Text

from tapc.plan import AcceptanceBasis, ForecastPlan, Interval
from tapc.ui.amounts import count, money, some
from tapc.ui.diagnostics import escaped

_SHOWN = 6
"""Steps whose acceptance is shown."""


def requests_range(forecast: ForecastPlan | None) -> str:
    """` (95%: 460 to 570)` behind a number of requests; empty if nothing is known, or nothing is uncertain."""
    return "" if forecast is None else _range(forecast.requests, lambda amount: count(round(amount)))


def cost_range(forecast: ForecastPlan | None) -> str:
    """` (95%: $0.32 to $0.42)` behind an amount; empty if nothing is known, or nothing is uncertain."""
    return "" if forecast is None else _range(forecast.cost_usd, money)


def _range(interval: Interval | None, shown: Callable[[float], str]) -> str:
    if interval is None or shown(interval.low) == shown(interval.high):
        return ""
    return f" (95%: {shown(interval.low)} to {shown(interval.high)})"


def forecast_text(forecast: ForecastPlan) -> Text:
    """What stored replies reject, what is expected to be replaced, and whose acceptance that rests on.

    Steps all of whose stored replies are accepted are left out.
    """
    text = Text()
    found: list[str] = []
    if forecast.rejected:
        about = "about " if forecast.sampled else ""
        be = "is" if forecast.rejected == 1 else "are"
        found.append(f"{about}{some(forecast.rejected, 'sample')} {be} rejected by stored replies")
    if forecast.replacements:
        found.append(f"about {some(forecast.replacements, 'replacement')} will be asked for")
    if found:
        sentence = ", ".join(found)
        text.append(f"{sentence[0].upper()}{sentence[1:]}.")
    told = [one for one in forecast.basis if one.source != "stored" or one.accepted < 1]
    if told:
        shown = [_accepts(one) for one in told[:_SHOWN]]
        if len(told) > _SHOWN:
            shown.append(f"and {len(told) - _SHOWN} more steps")
        text.append("\n" if text else "")
        text.append(f"acceptance: {'; '.join(shown)}", style="quiet")
    unknown = [escaped(one.step) for one in forecast.basis if one.unrecorded]
    if unknown:
        text.append("\n" if text else "")
        text.append(f"no run has recorded yet how often {', '.join(unknown)} repeats other samples", style="quiet")
    return text


def _accepts(basis: AcceptanceBasis) -> str:
    """Acceptance of a step, and where it comes from."""
    name = escaped(basis.step)
    if basis.source == "assumed":
        return f"{name} not known yet, taken as 100%"
    earlier = "an earlier form" if basis.plan is None else f"plan {basis.plan[:12]}"
    source = {"stored": "stored replies", "earlier": earlier, "both": f"stored replies and {earlier}"}[basis.source]
    return f"{name} {basis.accepted:.0%} of {basis.tries:,} ({source})"
