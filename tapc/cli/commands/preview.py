"""`tapc preview`."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.commands.run import confirm
from tapc.cli.errors import explained
from tapc.cli.loading import counted
from tapc.cli.printing import print_findings


@click.command(
    "preview",
    epilog="""Examples:

\b
  tapc preview specs/quickstart.tap
  tapc preview specs/quickstart.tap -n 3

The samples are the first ones of the run, spread over the cells: what is paid for here, the run does not pay again.""",
)
@options.spec_argument
@click.option(
    "-n", "samples", type=click.IntRange(min=1), default=12, show_default=True, help="Make this many samples."
)
@click.option("--offline", is_flag=True, help="Show what the store has; send nothing.")
@click.option("-y", "--yes", is_flag=True, help="Pay without asking.")
@options.planning
def command(spec: Path, **given: Any) -> None:
    """Make a dozen samples and show them whole: prompts, candidates, scores, and what was rejected and why."""
    from tapc.ui import ColorMode, make_console
    from tapc.ui.preview import show_samples
    from tapc.workspace.preview import stored_samples

    color = cast("ColorMode", given["color"])
    checked, planned = counted(
        spec, settings=given["settings"], dataset=given["dataset"], overrides=given["endpoints"], color=color
    )
    code, origins = exits.OK, checked.compiled.origins
    with explained(color, again=True, origins=origins):
        if not given["offline"]:
            code = _ask(planned, spec, given, origins)
        samples = stored_samples(planned, given["store"], given["samples"])
    show_samples(make_console(color), samples)
    sys.exit(code)


def _ask(planned: Any, spec: Path, given: dict[str, Any], origins: Any) -> int:
    """Run the samples into a folder that is thrown away; their replies stay in the store. Returns the exit code."""
    from tapc.semantics import placed
    from tapc.ui.progress import make_progress
    from tapc.workspace.run.execution import run_plan
    from tapc.workspace.run.report import RunOptions

    if not given["yes"]:
        confirm(planned, spec, given["store"], given["color"], limit=given["samples"])
    with tempfile.TemporaryDirectory(prefix="tapc-preview-") as folder:
        run_options = RunOptions(out=Path(folder), store=given["store"], limit=given["samples"])
        with make_progress(given["color"], quiet=given["quiet"], as_json=False) as progress:
            report = run_plan(planned, run_options, sources=(), environ=os.environ, observer=progress)
    print_findings(placed(report.problems, origins), color=given["color"])
    return exits.OF_RUN[report.status]
