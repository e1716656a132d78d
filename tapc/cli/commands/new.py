"""`tapc new`."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tapc.cli import exits, options
from tapc.cli.errors import explained, leave
from tapc.cli.printing import put, say
from tapc.diagnostics import Diagnostic


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tapc.workspace.new import starters

    return [CompletionItem(name) for name in starters() if name.startswith(incomplete)]


@click.command(
    "new",
    epilog="""Examples:

\b
  tapc new science_tutor
  tapc new specs/science_tutor --from quickstart""",
)
@click.argument("name", metavar="NAME", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--from",
    "starter",
    default="quickstart",
    show_default=True,
    metavar="STARTER",
    shell_complete=_complete,
    help="Start from this spec of those that ship with tapc; a wrong name lists them.",
)
@options.color
@options.quiet
def command(name: Path, starter: str, color: str, *, quiet: bool) -> None:
    """Write a commented starter spec, NAME.tap. A file that exists is never overwritten."""
    from tapc.workspace.new import start_spec

    with explained(color):
        made = start_spec(name, starter)
    if isinstance(made, Diagnostic):
        leave([made], exits.USAGE, color)
    put(str(made))
    if not quiet:
        say(f"wrote {made}; next: tapc plan {made}")
