"""`tapc fmt`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapc.cli import exits, options
from tapc.cli.printing import print_findings, put, say

if TYPE_CHECKING:
    from tapc.workspace.fmt import Formatted


@click.command(
    "fmt",
    epilog="""Examples:

\b
  tapc fmt specs/quickstart.tap
  tapc fmt specs/ --check
  tapc fmt - < specs/quickstart.tap""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="PATH...")
@click.option("--check", "check", is_flag=True, help="Write nothing; exit with 1 if a file is not in canonical layout.")
@click.option("--diff", "diff", is_flag=True, help="Write nothing; print what would change.")
@options.color
@options.quiet
def command(paths: tuple[Path, ...], color: str, *, check: bool, diff: bool, quiet: bool) -> None:
    """Rewrite specs in the canonical layout: files, folders (every .tap below), or standard input with `-`."""
    from tapc.workspace.fmt import format_paths, format_text

    stdin = paths == (Path("-"),)
    done = [format_text("<stdin>", sys.stdin.buffer.read())] if stdin else format_paths(paths)
    wrong = [finding for item in done for finding in item.diagnostics]
    print_findings(wrong, color=color)
    for item in done:
        _put(item, write=not check, diff=diff, quiet=quiet)
    if wrong or (check and any(item.changed for item in done)):
        sys.exit(exits.WRONG_SPEC)


def _put(item: "Formatted", *, write: bool, diff: bool, quiet: bool) -> None:
    if item.text is None:
        return
    if diff:
        put(item.diff(), nl=False)
    elif item.path is None and write:
        put(item.text, nl=False)
    elif item.changed:
        if write:
            item.write()
        if not quiet:
            say(f"{'formatted' if write else 'not in canonical layout'}: {item.name}")
