"""`tapc show`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.printing import print_findings, put, put_json

if TYPE_CHECKING:
    from tapc.semantics.page import Line


@click.command(
    "show",
    epilog="""Examples:

\b
  tapc show specs/quickstart.tap
  tapc show specs/tap_paper.tap > composed.tap
  tapc show specs/tap_paper.tap --json | jq '.[] | select(.file != null and .file != "specs/tap_paper.tap")'""",
)
@options.spec_argument
@click.option("--plain", "plain", is_flag=True, help="Leave out the comments that name the origin of lines.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of lines with file, line and column of each.")
@options.settings
@options.outside
@options.dataset
@options.color
@options.quiet
def command(
    spec: Path, settings: dict[str, str], dataset: str | None, color: str, *, plain: bool, as_json: bool, quiet: bool
) -> None:
    """Show the dataset after composition, as one complete spec that has the same plan.

    Imports, params, pipelines and copies are replaced by what they stand for; a comment names the origin of each line.
    """
    from tapc.frontend.show import show
    from tapc.ui import ColorMode, make_console
    from tapc.ui.show import show_composed
    from tapc.workspace.spec.checked import all_findings, check_spec

    checked = check_spec(spec, settings=settings, dataset=dataset, outside=options.follows_outside())
    if not quiet or checked.dataset is None:
        print_findings(all_findings(checked), color=color)
    if checked.dataset is None:
        sys.exit(exits.WRONG_SPEC)
    lines = show(checked.compiled, checked.diagnostics)
    if as_json:
        put_json(json.dumps([_record(line) for line in lines], ensure_ascii=False, indent=2))
    elif plain:
        put("\n".join(line.text for line in lines))
    else:
        show_composed(make_console(cast("ColorMode", color)), lines)


def _record(line: "Line") -> dict[str, Any]:
    if line.origin is None:
        return {"text": line.text, "file": None, "line": None, "column": None}
    at = line.origin.file.position(line.origin.span.start)
    return {"text": line.text, "file": line.origin.file.name, "line": at.line, "column": at.column}
