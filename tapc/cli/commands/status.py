"""`tapc status`."""

from pathlib import Path
from typing import cast

import click

from tapc.cli import options
from tapc.cli.guarded import troubles
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
    help="How many runs that are over to list.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@options.store
@options.color
@options.only_results
def command(store: Path, latest: int, color: str, *, as_json: bool) -> None:
    """Look at runs from another terminal: who is running, what is in flight, spent and held against the caps."""
    from tapc.ui import ColorMode, make_console  # noqa: PLC0415 - the help needs nothing of this
    from tapc.ui.store import show_status  # noqa: PLC0415 - the same
    from tapc.workspace.accounts import refuse_wrong, status_document  # noqa: PLC0415 - the same
    from tapc.workspace.opening import existing_store  # noqa: PLC0415 - the same

    with troubles(color), existing_store(store) as opened:
        document = status_document(opened, latest=latest)
    if as_json:
        put_json(document.model_dump_json(by_alias=True, indent=2))
    else:
        show_status(make_console(cast("ColorMode", color)), document)
    with troubles(color):
        refuse_wrong(store, document.wrong)
