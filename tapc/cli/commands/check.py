"""`tapc check`."""

import sys
from pathlib import Path

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained
from tapc.cli.printing import FORMATS, print_findings, say
from tapc.diagnostics import Diagnostic, has_errors


@click.command(
    "check",
    epilog="""Examples:

\b
  tapc check specs/quickstart.tap
  tapc check specs --format github         # all specs below a folder
  tapc check specs/quickstart.tap --fix
  tapc check specs/quickstart.tap --no-allow
  tapc check science.tap --set scale=90    # a spec with a param `scale`""",
)
@click.argument("specs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SPEC|DIR...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="Choose the format of the findings.")
@click.option("--fix", "fix", is_flag=True, help="Apply the fixes that cannot change the meaning; print what remains.")
@click.option("--no-allow", is_flag=True, help="Report also what the spec allows (`allow CODE: …`).")
@options.settings
@options.outside
@options.dataset
@options.color
@options.quiet
def command(
    specs: tuple[Path, ...],
    form: str,
    settings: dict[str, str],
    dataset: str | None,
    color: str,
    *,
    fix: bool,
    no_allow: bool,
    quiet: bool,
) -> None:
    """Find everything wrong with specs, all at once. Exit code 1 if there is an error; warnings are not errors."""
    from tapc.workspace.check.counts import check_counts

    outside = options.follows_outside()
    specs = options.named_specs(specs)
    findings = _fixed(specs, settings, dataset, color, quiet=quiet) if fix else []
    if no_allow or not fix:
        findings = [
            found
            for spec in specs
            for found in check_counts(spec, settings=settings, dataset=dataset, outside=outside, allowing=not no_allow)
        ]
    print_findings(findings, form, color, checked=len(specs), quiet=quiet)
    sys.exit(exits.WRONG_SPEC if has_errors(findings) else exits.OK)


def _fixed(
    specs: tuple[Path, ...], settings: dict[str, str], dataset: str | None, color: str, *, quiet: bool
) -> list[Diagnostic]:
    from tapc.workspace.check.fixes import fix_specs

    with explained(color):
        findings, changed = fix_specs(specs, settings=settings, dataset=dataset, outside=options.follows_outside())
    if not quiet:
        for name in changed:
            say(f"fixed: {name}")
    return findings
