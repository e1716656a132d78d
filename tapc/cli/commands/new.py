"""`tapc new`."""

import sys
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from tapc.cli import exits, options
from tapc.cli.findings import print_findings
from tapc.cli.printing import put, say


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tapc.workspace.new import starters  # noqa: PLC0415 - only where a shell asks

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
    help="Which of the specs that ship with tapc to start from; a wrong name lists them.",
)
@options.color
@options.quiet
def command(name: Path, starter: str, color: str, *, quiet: bool) -> None:
    """Write a commented starter spec, NAME.tap. A file that is there already is never overwritten."""
    from tapc.diagnostics import Diagnostic  # noqa: PLC0415 - the help needs nothing of this
    from tapc.workspace.errors import unwritten  # noqa: PLC0415 - the same
    from tapc.workspace.new import start_spec  # noqa: PLC0415 - the same

    try:
        made = start_spec(name, starter)
    except OSError as error:
        made = unwritten(error)
    if isinstance(made, Diagnostic):
        print_findings([made], color=color)
        sys.exit(exits.USAGE)
    put(str(made))
    if not quiet:
        say(f"wrote {made}; next: tapc plan {made}")
