"""`tapc plan`."""

import sys
from pathlib import Path
from typing import cast

import click

from tapc.cli import exits, options
from tapc.cli.findings import print_findings
from tapc.cli.loading import counted


@click.command(
    "plan",
    epilog="""Examples:

\b
  tapc plan specs/quickstart.tap
  tapc plan specs/quickstart.tap --by topic,language
  tapc plan specs/quickstart.tap --set scale=900 --json | jq .total""",
)
@options.spec_argument
@click.option("--by", "by", default="", metavar="AXIS,...", help="Show the counts of these axes in full.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON (`tapc schema plan`).")
@click.option("--lock", "lock", is_flag=True, help="Write SPEC.lock, which keeps later plans close to this one.")
@options.store
@options.endpoints
@options.settings
@options.dataset
@options.color
@options.quiet
def command(
    spec: Path,
    by: str,
    store: Path,
    endpoints: tuple[str, ...],
    settings: dict[str, str],
    dataset: str | None,
    color: str,
    *,
    as_json: bool,
    lock: bool,
    quiet: bool,
) -> None:
    """Show counts, requests and cost before anything is sent.

    Exit code 3 if the expected cost is more than the budget has left.
    """
    from tapc.ui import ColorMode, make_console  # noqa: PLC0415 - the help needs nothing of this
    from tapc.ui.plan import show_plan  # noqa: PLC0415 - the same
    from tapc.workspace.planning import plan_document  # noqa: PLC0415 - the same

    checked, planned = counted(spec, settings=settings, dataset=dataset, overrides=endpoints, color=color)
    document = plan_document(planned, spec=str(spec), store=store, diagnostics=checked.diagnostics)
    if as_json:
        click.echo(document.model_dump_json(by_alias=True, indent=2))
    else:
        console = make_console(cast("ColorMode", color))
        axes = [axis.strip() for axis in by.split(",") if axis.strip()]
        unknown = [axis for axis in axes if axis not in document.counts]
        if unknown:
            raise click.BadParameter(
                f"there is no axis {unknown[0]!r}; the dataset has {', '.join(document.counts) or 'none'}",
                param_hint="--by",
            )
        show_plan(console, document, by=axes)
        if not quiet:
            print_findings(checked.diagnostics, color=color)
    if lock:
        from tapc.workspace.locking import save_lock  # noqa: PLC0415 - only where asked for

        click.echo(f"wrote {save_lock(checked, planned)}", err=True)
    sys.exit(exits.OK if document.budget.fits_expected else exits.OVER_BUDGET)
