"""The plan as tables: what matters first, in the width there is."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from tapc.plan import AxisPlan, DrawnPlan, PlanDocument, PromptPlan, StepPlan, StepSeen, TotalPlan, late_note
from tapc.ui.amounts import count, duration, money, some
from tapc.ui.console import PLAIN_WIDTH, print_hanging
from tapc.ui.diagnostics import escaped
from tapc.ui.expectations import expectations_line
from tapc.ui.forecast import forecast_text
from tapc.ui.table import Cell, Column, table
from tapc.ui.verdict import headline, pace_text, touches_lines, verdict

_MARK = re.compile(r"\b[0-9a-f]{12}\b")
_NAME = 12
"""Columns that a name keeps at least."""


def show_plan(console: Console, document: PlanDocument, *, by: Sequence[str] = (), worst: bool = False) -> None:
    """Print the plan: what it comes to, steps, counts, then the axes asked for and prompts.

    Args:
        console: console to print on.
        document: the plan.
        by: axes to show in full.
        worst: whether to show what everything costs at most, without a budget.
    """
    width = console.width
    parts: list[RenderableType] = [_title(document), headline(document, worst=worst), verdict(document)]
    parts += [told] if document.forecast is not None and (told := forecast_text(document.forecast)) else []
    parts += [told] if (told := pace_text(document)) is not None else []
    parts.append(Text(""))
    parts += [_steps(document, width, worst=worst), Text(""), _axes(document, width)]
    if document.touches is not None:
        parts.append(touches_lines(document.touches, width))
    if document.expectations:
        parts.append(expectations_line([one.holds for one in document.expectations]))
    if document.seen:
        parts += [Text(""), seen_table(document.seen, width)]
    for axis in by:
        if axis in document.by:
            parts += [Text(""), _axis_table(axis, document, width, worst=worst)]
        parts += [part for one in document.drawn if one.mix == axis for part in (Text(""), _drawn_table(one, width))]
    for part in parts:
        console.print(part, width=width)
    for prompt in _prompts(document.prompts):
        print_hanging(console, prompt, width)


def _title(document: PlanDocument) -> Text:
    text = Text()
    text.append(document.dataset, style="head")
    text.append(f"  {some(document.samples, 'sample')} over {some(document.cells, 'cell')}")
    text.append(f"  plan {document.digest[:12]}", style="quiet")
    if document.simulated:
        text.append("  simulated", style="sim")
    return text


def _axes(document: PlanDocument, width: int) -> Text:
    """How the samples are divided; as many values of an axis as fit on a line."""
    text = Text()
    for axis, counts in document.counts.items():
        tree = axis == document.taxonomy
        top = [f"{escaped(name)} {n:,}" for name, n in counts.items() if not (tree and "." in name)]
        text.append(f"{axis}: ", style="name")
        text.append(f"{_listed(top, width - cell_len(axis) - 2)}\n")
    deviation = document.deviation
    worst = max(deviation.node, deviation.axis, deviation.axis_in_node)
    text.append(f"every count within {worst:.2f} of its exact share", style="quiet")
    text.append(f"; pairs of mix values within {deviation.pair:.2f}" if deviation.pair else "", style="quiet")
    for mix in document.late:
        text.append(f"\n{escaped(late_note(mix))}", style="quiet")
    for drawn in document.drawn:
        text.append("\n")
        text.append_text(_drawn(drawn, width))
    return text


def _drawn(drawn: DrawnPlan, width: int) -> Text:
    """What a mix drawn for each candidate of a step comes to."""
    text = Text()
    name = f"{escaped(drawn.mix)} of {escaped(drawn.step)}"
    text.append(f"{name}: ", style="name")
    if drawn.counts is not None and drawn.deviation is not None:
        text.append(_listed([f"{escaped(v)} {n:,}" for v, n in drawn.counts.items()], width - cell_len(name) - 2))
        text.append(f"\nevery count within {drawn.deviation:,.2f} of its exact share of ", style="quiet")
        text.append(some(drawn.candidates, "candidate"), style="quiet")
        return text
    if drawn.partial is None:
        text.append("not counted, as its pool gives different numbers of candidates", style="quiet")
        return text
    text.append(some(drawn.candidates, "candidate"), style="quiet")
    text.append(
        f", not counted over the set (`--by {escaped(drawn.mix)}` does)\nevery cell within one of its exact share",
        style="quiet",
    )
    return text


def _drawn_table(drawn: DrawnPlan, width: int) -> Text:
    """Candidates of every value of a mix that is drawn for each of them."""
    if drawn.counts is None or drawn.exact is None:
        return _drawn(drawn, width)
    columns = [
        Column(f"{escaped(drawn.mix)} of {escaped(drawn.step)}", style="name", least=_NAME),
        *(Column(title, right=True) for title in ("candidates", "exact share", "off")),
    ]
    rows: list[list[Cell]] = [
        [escaped(value), f"{n:,}", f"{drawn.exact[value]:,.2f}", f"{n - drawn.exact[value]:+,.2f}"]
        for value, n in drawn.counts.items()
    ]
    return table(columns, rows, width=width)


def _listed(values: Sequence[str], width: int) -> str:
    """Values on one line; those that do not fit are counted."""
    shown = 0
    room = width
    for value in values:
        room -= cell_len(value) + 2
        if room < (0 if shown == len(values) - 1 else len(f"and {len(values):,} more")):
            break
        shown += 1
    shown = max(1, shown)
    left = [f"and {len(values) - shown:,} more"] if shown < len(values) else []
    return "  ".join([*values[:shown], *left])


def _steps(document: PlanDocument, width: int, *, worst: bool) -> Text:
    total = document.total
    timed = bool(total.seconds.expected)
    columns = [
        Column("step", style="name", least=_NAME),
        Column("endpoint", least=_NAME, spare=1),
        *_figure_columns(timed=timed, worst=worst),
    ]
    rows: list[list[Cell]] = []
    for step in document.steps:
        if step.endpoint is None:
            rows.append([escaped(step.name), Text("no requests", style="quiet")])
            continue
        rows.append(
            [escaped(step.name), escaped(f"{step.endpoint} ({step.model})"), *figures(step, timed=timed, worst=worst)]
        )
        if not step.priced:
            rows[-1][6 : 8 if worst else 7] = [Text("no price", style="warn")] * (2 if worst else 1)
    footer: list[Cell] = ["total", "", *figures(total, timed=timed, worst=worst)]
    if not all(step.priced for step in document.steps):
        footer[6 : 8 if worst else 7] = ["not known"] * (2 if worst else 1)
    return table(columns, rows, width=width, footer=footer)


def _figure_columns(*, timed: bool, worst: bool, spare: int = 0) -> list[Column]:
    """Columns of `figures`; `spare` is that of requests to send."""
    return [
        Column("requests", right=True, spare=3),
        Column("cached", right=True, spare=2),
        Column("to send", right=True, spare=spare),
        Column("tokens", right=True, spare=4),
        Column("expected", right=True),
        *([Column("at most", right=True)] if worst else []),
        *([Column("time", right=True, spare=5)] if timed else []),
    ]


def figures(row: StepPlan | AxisPlan | TotalPlan, *, timed: bool, worst: bool) -> list[str]:
    """Requests, stored ones, those to send, tokens, expected (and highest) cost, and time, as tables show them."""
    tokens = (
        row.tokens.expected if isinstance(row, TotalPlan) else row.input_tokens.expected + row.output_tokens.expected
    )
    numbers = (row.jobs, row.cached, row.requests.expected, tokens)
    time = [duration(row.seconds.expected)] if timed else []
    most = [money(row.cost_usd.ceiling)] if worst else []
    return [*(count(n) for n in numbers), money(row.cost_usd.expected), *most, *time]


def _axis_table(axis: str, document: PlanDocument, width: int, *, worst: bool) -> Text:
    """Samples, requests and cost of every value or node of an axis."""
    tree = axis == document.taxonomy
    timed = bool(document.total.seconds.expected)
    columns = [
        Column(escaped(axis), style="name", least=_NAME),
        Column("samples", right=True),
        *_figure_columns(timed=timed, worst=worst, spare=1),
    ]
    rows: list[list[Cell]] = []
    for row in document.by[axis]:
        name = "  " * row.value.count(".") + row.value.rsplit(".", 1)[-1] if tree else row.value
        rows.append([escaped(name), f"{row.samples:,}", *figures(row, timed=timed, worst=worst)])
    return table(columns, rows, width=width)


def seen_table(seen: Sequence[StepSeen], width: int = PLAIN_WIDTH) -> Text:
    """Estimate against actual, step by step."""
    columns = [
        Column("step", style="name", least=_NAME),
        Column("endpoint", least=_NAME, spare=1),
        Column("replies", right=True, spare=3),
        Column("output expected", right=True, spare=2),
        Column("actual", right=True, spare=1),
        Column("cost expected", right=True),
        Column("actual", right=True),
        Column("error", right=True),
    ]
    rows = [
        [
            escaped(row.name),
            escaped(row.endpoint),
            count(row.replies),
            count(row.expected_output),
            count(row.output),
            money(row.expected_usd),
            money(row.usd),
            _error(row),
        ]
        for row in seen
    ]
    whole = StepSeen(
        name="total",
        endpoint="",
        **{
            field: sum(getattr(row, field) for row in seen)
            for field in StepSeen.model_fields.keys() - {"name", "endpoint"}
        },
    )
    last = [count(n) for n in (whole.replies, whole.expected_output, whole.output)]
    footer = ["total", "", *last, money(whole.expected_usd), money(whole.usd), _error(whole)]
    return table(columns, rows, width=width, footer=footer, title="estimate against actual")


def _error(row: StepSeen) -> str:
    """How far the estimate was off, of the cost, or of the output where nothing costs anything."""
    expected, actual = (row.expected_usd, row.usd) if row.usd else (row.expected_output, row.output)
    return f"{(expected - actual) / actual:+.0%}" if actual else "–"


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
            text.append(f"  {message.role}\n", style="quiet")
            text.append("".join(f"    {escaped(line)}\n" for line in message.content.strip().splitlines()))
        yield text


def _likeness(prompt: PromptPlan) -> tuple[int, str, str]:
    """Sample, step and text; the mark of a judge's material differs from text to text and is left out."""
    content = "\0".join(_MARK.sub("", message.content) for message in prompt.messages)
    return prompt.rank, f"{prompt.step}/{prompt.endpoint}", content
