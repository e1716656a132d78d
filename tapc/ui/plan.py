"""The plan as a table: what matters first, in 100 columns."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tapc.plan import PlanDocument, StepPlan

WIDTH = 100
_VALUES_SHOWN = 12


def show_plan(console: Console, document: PlanDocument, *, by: Sequence[str] = ()) -> None:
    """Print the plan: headline, steps, verdict, then the axes asked for."""
    parts: list[RenderableType] = [_headline(document), _axes(document), _steps(document), _verdict(document)]
    parts += [_axis_table(document, axis) for axis in by if axis in document.counts]
    console.print(Group(*parts), width=min(console.width, WIDTH))


def money(amount: float) -> str:
    """Dollars for people: cents, or four digits under ten cents."""
    if amount == 0:
        return "$0"
    if amount < 0.0001:
        return "<$0.0001"
    return f"${amount:,.4f}" if amount < 0.1 else f"${amount:,.2f}"


def count(number: int) -> str:
    """Counts for people: exact up to 99,999, then with a unit."""
    for limit, unit in ((10**9, "G"), (10**6, "M")):
        if number >= limit:
            return f"{number / limit:,.1f}{unit}"
    return f"{number:,}" if number < 10**5 else f"{number / 1000:,.0f}k"


def _headline(document: PlanDocument) -> Text:
    text = Text()
    text.append(document.dataset, style="head")
    text.append(f"  {document.samples:,} samples over {document.cells:,} cells", style="")
    text.append(f"  plan {document.digest[:12]}", style="quiet")
    if document.simulated:
        text.append("  simulated", style="sim")
    return text


def _axes(document: PlanDocument) -> Text:
    text = Text()
    for axis, counts in document.counts.items():
        top = [(name, n) for name, n in counts.items() if "." not in name]
        shown = "  ".join(f"{name} {n:,}" for name, n in top[:_VALUES_SHOWN])
        more = f"  and {len(top) - _VALUES_SHOWN} more" if len(top) > _VALUES_SHOWN else ""
        text.append(f"  {axis}: ", style="name")
        text.append(f"{shown}{more}\n")
    deviation = document.deviation
    worst = max(deviation.node, deviation.axis, deviation.axis_in_node)
    text.append(f"  every count within {worst:.2f} of its exact share", style="quiet")
    text.append(f"; pairs of mix values within {deviation.pair:.2f}\n" if deviation.pair else "\n", style="quiet")
    return text


def _steps(document: PlanDocument) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", show_footer=True, footer_style="head")
    total = document.total
    table.add_column("step", footer="total", style="name", no_wrap=True)
    table.add_column("endpoint", no_wrap=True, overflow="ellipsis")
    table.add_column("requests", footer=count(total.jobs), justify="right")
    table.add_column("cached", footer=count(total.cached), justify="right")
    table.add_column("to send", footer=count(total.jobs - total.cached), justify="right")
    table.add_column("tokens", footer=count(total.tokens.expected), justify="right")
    table.add_column("expected", footer=money(total.cost_usd.expected), justify="right")
    table.add_column("at most", footer=money(total.cost_usd.ceiling), justify="right")
    for step in document.steps:
        if step.endpoint is None:
            table.add_row(step.name, Text("no requests", style="quiet"), "", "", "", "", "", "")
            continue
        table.add_row(
            step.name,
            f"{step.endpoint} ({step.model})",
            count(step.jobs),
            count(step.cached),
            count(step.jobs - step.cached),
            count(step.input_tokens.expected + step.output_tokens.expected),
            _cost(step, step.cost_usd.expected),
            _cost(step, step.cost_usd.ceiling),
        )
    return table


def _cost(step: StepPlan, amount: float) -> str:
    return money(amount) if step.priced else "no price"


def _verdict(document: PlanDocument) -> Text:
    budget, total = document.budget, document.total
    text = Text("\n")
    sending = total.jobs - total.cached
    if not sending:
        text.append("Nothing to send: every reply is in the store.", style="good")
        return text
    text.append(f"Expected {money(total.cost_usd.expected)} for {sending:,} requests. ")
    if budget.cost_usd is not None:
        left = budget.cost_usd - budget.spent_usd
        cap = f"{money(budget.cost_usd)}" + (f", {money(budget.spent_usd)} of it spent" if budget.spent_usd else "")
        if budget.fits_expected:
            text.append("Fits the budget", style="good")
            text.append(f" ({cap}), which no run can cross.")
        else:
            text.append("Over the budget", style="bad")
            text.append(
                f" ({cap}): {money(max(left, 0.0))} is left. The run would stop there; "
                f"a cap of {money(budget.smallest_cap_usd)} is expected to suffice."
            )
    elif any(not step.priced for step in document.steps):
        text.append("An endpoint has no price, so the cost is not known.", style="warn")
    else:
        text.append("No cost budget is set.", style="warn")
    if document.simulated:
        text.append("\nSimulated endpoints bill nobody; costs are at the prices the spec states.", style="sim")
    return text


def _axis_table(document: PlanDocument, axis: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", title=f"\n{axis}", title_justify="left")
    table.add_column("value", style="name")
    table.add_column("samples", justify="right")
    for name, n in document.counts[axis].items():
        table.add_row("  " * name.count(".") + name.rsplit(".", 1)[-1], f"{n:,}")
    return table
