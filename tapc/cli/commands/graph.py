"""`tapc graph`."""

import sys
from pathlib import Path

import click

from tapc.cli import options
from tapc.cli.loading import counted
from tapc.cli.printing import put, say

_DRAWN = {
    "mermaid": "To draw it: put it into a Markdown file between ```mermaid and ```, as GitHub shows it, or into "
    "https://mermaid.live; or: tapc graph SPEC --format dot | dot -Tsvg > graph.svg",
    "dot": "To draw it: tapc graph SPEC --format dot | dot -Tsvg > graph.svg",
}
"""What to do with a form that no terminal draws."""


@click.command(
    "graph",
    epilog="""Examples:

\b
  tapc graph specs/quickstart.tap
  tapc graph specs/quickstart.tap --format dot | dot -Tsvg > graph.svg""",
)
@options.spec_argument
@click.option(
    "--format", "form", type=click.Choice(["mermaid", "dot", "json"]), default="mermaid", help="Choose the form."
)
@options.settings
@options.outside
@options.dataset
@options.color
@options.only_results
def command(spec: Path, form: str, settings: dict[str, str], dataset: str | None, color: str) -> None:
    """Draw the job graph: steps, what they read, and how many requests each makes."""
    from tapc.plan import graph_dot, graph_json, graph_mermaid, job_graph

    _, planned = counted(spec, settings=settings, dataset=dataset, overrides=(), color=color)
    graph = job_graph(
        planned.dataset,
        planned.programs(),
        slots=len(planned.slots),
        cells=len(planned.allocation),
        combinations=planned.combinations,
    )
    put({"mermaid": graph_mermaid, "dot": graph_dot, "json": graph_json}[form](graph))
    if form in _DRAWN and sys.stdout.isatty():
        say(_DRAWN[form])
