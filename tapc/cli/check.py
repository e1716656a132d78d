"""`tapc check`."""

import sys
from pathlib import Path

import click

from tapc.cli import exits, options
from tapc.cli.findings import FORMATS, print_findings


@click.command(
    "check",
    epilog="""Examples:

\b
  tapc check specs/quickstart.tap
  tapc check specs/*.tap --format github
  tapc check specs/quickstart.tap --set scale=90""",
)
@click.argument("specs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SPEC...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to print the findings.")
@options.settings
@options.dataset
@options.color
@options.quiet
def command(
    specs: tuple[Path, ...], form: str, settings: dict[str, str], dataset: str | None, color: str, *, quiet: bool
) -> None:
    """Find everything wrong with specs, all at once. Exit code 1 if there is an error; warnings are no error."""
    from tapc.diagnostics import has_errors  # noqa: PLC0415 - the help needs nothing of this
    from tapc.workspace.checked import check_counts  # noqa: PLC0415 - the same

    findings = [d for spec in specs for d in check_counts(spec, settings=settings, dataset=dataset)]
    print_findings(findings, form, color, checked=len(specs), quiet=quiet)
    sys.exit(exits.WRONG_SPEC if has_errors(findings) else exits.OK)
