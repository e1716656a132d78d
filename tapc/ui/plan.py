"""The plan as a table: what matters first, in 100 columns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tapc.plan import PlanDocument, PromptPlan, StepPlan, StepSeen
from tapc.ui.diagnostics import escaped

WIDTH = 100
_MARK = re.compile(r"\b[0-9a-f]{12}\b")
_VALUES_SHOWN = 12


def show_plan(console: Console, document: PlanDocument, *, by: Sequence[str] = ()) -> None:
    """Print the plan: headline, steps, verdict, then the axes asked for."""
    parts: list[RenderableType] = [_headline(document), _axes(document), _steps(document), _verdict(document)]
    if document.seen:
        parts.append(seen_table(document.seen))
    parts += [_axis_table(document, axis) for axis in by if axis in document.counts]
    parts += list(_prompts(document.prompts))
    console.print(Group(*parts), width=min(console.width, WIDTH))


def verdict(document: PlanDocument) -> str:
    """Whether the budget holds the plan, in words."""
    return " ".join(_verdict(document).plain.split())


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
    if not sending and document.total.missing:
        text.append(f"{document.total.missing:,} samples lack replies that replace rejected ones.", style="warn")
        return text
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
    if not document.total.cached_exact:
        text.append("\nWhat the store has is extrapolated from a sample of the slots.", style="quiet")
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


def seen_table(rows: Sequence[StepSeen]) -> Table:
    """Estimate against actual, step by step."""
    table = Table(
        box=None, pad_edge=False, header_style="quiet", title="\nestimate against actual", title_justify="left"
    )
    table.add_column("step", style="name", no_wrap=True)
    table.add_column("endpoint", no_wrap=True)
    for name in ("replies", "output expected", "actual", "cost expected", "actual", "error"):
        table.add_column(name, justify="right")
    for row in rows:
        amounts = (row.expected_usd, row.usd) if row.usd else (row.expected_output, row.output)
        error = f"{(amounts[0] - amounts[1]) / amounts[1]:+.0%}" if amounts[1] else "–"
        table.add_row(
            row.name,
            row.endpoint,
            count(row.replies),
            count(row.expected_output),
            count(row.output),
            money(row.expected_usd),
            money(row.usd),
            error,
        )
    return table


def _prompts(prompts: Sequence[PromptPlan]) -> Iterator[Text]:
    """Prompts by sample; equal ones of a step are shown once."""
    rank, shown = -1, dict[tuple[str, str], int]()
    alike = Counter(_likeness(prompt) for prompt in prompts)
    for prompt in prompts:
        text = Text()
        if prompt.rank != rank:
            rank, shown = prompt.rank, {}
            axes = "  ".join(f"{axis} {value}" for axis, value in prompt.axes.items())
            text.append(f"\nsample {rank}  {escaped(axes)}\n", style="head")
        likeness = _likeness(prompt)
        if likeness[1:] in shown:
            continue
        shown[likeness[1:]] = 1
        times = f"  {alike[likeness]} times" if alike[likeness] > 1 else ""
        text.append(f"{prompt.step} ({prompt.endpoint}){times}", style="name")
        text.append(f"  {prompt.key[:16]}\n" if prompt.key else "  with texts yet to be written\n", style="quiet")
        for message in prompt.messages:
            text.append(f"  {message.role}: ", style="quiet")
            text.append("\n    ".join(escaped(line) for line in message.content.strip().splitlines()) + "\n")
        yield text


def _likeness(prompt: PromptPlan) -> tuple[int, str, str]:
    """Sample, step and text; the mark of a judge's material differs from text to text and is left out."""
    content = "\0".join(_MARK.sub("", message.content) for message in prompt.messages)
    return prompt.rank, f"{prompt.step}/{prompt.endpoint}", content
