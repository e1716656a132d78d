"""What `tapc doctor` found out, as two tables."""

from rich.console import Console
from rich.text import Text

from tapc.ui.amounts import money
from tapc.ui.diagnostics import escaped
from tapc.ui.table import Grid
from tapc.workspace.doctor import DoctorDocument, EndpointReport, StepReport

_YES, _NO = Text("yes", style="good"), Text("no", style="bad")


def show_doctor(console: Console, document: DoctorDocument) -> None:
    """Print endpoints, then steps, then what it cost."""
    table = Grid("endpoint", "~model", "~url", "reachable", "key", "model listed")
    for report in document.endpoints:
        table.add_row(*_endpoint(report))
    console.print(table)
    console.print()
    table = Grid("step", "~endpoint", "reply", "~parameters", "structured", "seed", "?usage", "?reasoning")
    for step in document.steps:
        table.add_row(*_step(step))
    console.print(table)
    console.print()
    for step in document.steps:
        if step.thought:
            where = f"{escaped(step.step)} at {escaped(step.endpoint)}"
            console.print(Text(f"{where} thinks: {_line(step.thought)}", style="quiet"))
            console.print(Text(f"{where} answers: {_line(step.text) or 'nothing'}", style="quiet"))
    spent = f"{document.requests:,} requests sent, {money(document.usd)} at the spec's prices; nothing was stored."
    console.print(Text(spent, style="quiet"))


def _line(text: str) -> str:
    """The beginning of a text, on one line."""
    return escaped(" ".join(text.split())[:100])


def _endpoint(report: EndpointReport) -> list[Text | str]:
    listed = "unknown" if report.listed is None else _YES if report.listed else Text("no", style="warn")
    if report.root is not None:
        listed = Text(f"as {escaped(report.root)}", style="warn")
    key: Text | str = report.key or "unknown"
    return [
        escaped(report.endpoint),
        escaped(report.model),
        "in this process" if report.url == "sim:" else escaped(report.url),
        _YES if report.reachable else _NO,
        Text("refused", style="bad") if key == "refused" else key,
        listed,
    ]


def _step(step: StepReport) -> list[Text | str]:
    if step.outcome is None:
        refused = Text(f"refused: {', '.join(step.refused)}", style="bad") if step.refused else Text("")
        return [escaped(step.step), escaped(step.endpoint), Text("none", style="bad"), refused, "", "", "", ""]
    style = "good" if step.outcome == "ok" else "warn"
    parameters: Text | str = "accepted" if step.sent else "none"
    if step.refused or step.ignored:
        words = [f"refused: {', '.join(step.refused)}"] if step.refused else []
        words += [f"ignored: {', '.join(step.ignored)}"] if step.ignored else []
        parameters = Text("; ".join(words), style="warn")
    tokens = f"{step.output_tokens:,} tokens, " if step.usage else ""
    weak = step.structured in ("prompted", "invalid")
    return [
        escaped(step.step),
        escaped(step.endpoint),
        Text(f"{step.outcome}, {tokens}{step.seconds:.1f} s", style=style),
        parameters,
        Text(step.structured or "", style="warn" if weak else "none"),
        Text(step.seed or "", style="warn" if step.seed in ("differs", "refused") else "none"),
        "reported" if step.usage else Text("missing", style="warn"),
        step.reasoning or "",
    ]
