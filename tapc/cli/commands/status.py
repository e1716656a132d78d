"""`tapc status`."""

from pathlib import Path
from typing import cast

import click

from tapc.cli import options
from tapc.cli.errors import explained
from tapc.cli.printing import put_json


@click.command(
    "status",
    epilog="""Examples:

\b
  tapc status
  tapc status --store /data/tapc --json | jq '.running[].held.usd'
  watch -n 5 tapc status --color always""",
)
@click.option(
    "--latest",
    type=click.IntRange(min=0, max=20),
    default=5,
    show_default=True,
    help="List this many runs that have ended.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@options.store
@options.color
@options.only_results
def command(store: Path, latest: int, color: str, *, as_json: bool) -> None:
    """Show runs from another terminal: which are running, what is in flight, spent and held against the ceilings."""
    from tapc.ui import ColorMode, make_console
    from tapc.ui.store import show_status
    from tapc.workspace.accounts import refuse_wrong, status_document
    from tapc.workspace.opening import existing_store

    with explained(color), existing_store(store) as opened:
        document = status_document(opened, latest=latest)
    if as_json:
        put_json(document.model_dump_json(by_alias=True, indent=2))
    else:
        show_status(make_console(cast("ColorMode", color)), document)
    with explained(color):
        refuse_wrong(store, document.wrong)
