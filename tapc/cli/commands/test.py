"""`tapc test`."""

import sys
from pathlib import Path

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained
from tapc.cli.printing import print_findings, put, put_json
from tapc.diagnostics import Diagnostic


@click.command(
    "test",
    epilog="""Examples:

\b
  tapc test specs/quickstart.tap
  tapc test specs
  tapc test specs --json | jq .passed
  tapc run specs/quickstart.tap && tapc cache export --recording specs/quickstart.tap

Replies come from tests/NAME.replies next to the spec NAME.tap, if there is such a file; otherwise all models are
simulated. No network, no key, no environment; nothing is written. Exit codes: 0 all is as expected, 1 something is not
(or a recording cannot be read), 2 wrong usage, or a folder without a spec.""",
)
@click.argument("specs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SPEC|DIR...")
@click.option("--allow-run", is_flag=True, help="Allow specs to run their programs (`run [ … ]`) on this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (`tapc schema test`).")
@options.settings
@options.outside
@options.dataset
@options.color
@options.quiet
def command(
    specs: tuple[Path, ...],
    settings: dict[str, str],
    dataset: str | None,
    color: str,
    *,
    allow_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run specs on recorded or simulated replies, and check what they expect."""
    from tapc.workspace.test import try_spec
    from tapc.workspace.tested import TestDocument, TestedDataset

    outside = options.follows_outside()
    done: list[TestedDataset] = []
    findings: list[Diagnostic] = []
    with explained(color):
        for spec in options.named_specs(specs):
            tested = try_spec(spec, settings=settings, dataset=dataset, outside=outside, allow_run=allow_run)
            done += tested.datasets
            findings += [finding for finding in tested.findings if finding.severity == "error"]
            for one in [] if as_json else tested.datasets:
                if not (quiet and one.passed):
                    held = sum(entry.holds for entry in one.expectations)
                    verdict = "passed" if one.passed else "FAILED"
                    put(
                        f"{verdict}  {one.spec}  {one.dataset}: {one.samples:,} of {one.planned:,} samples, "
                        f"{held:,} of {len(one.expectations):,} expectations hold  ({one.replies})"
                    )
    if as_json:
        document = TestDocument(passed=not findings, datasets=done)
        put_json(document.model_dump_json(by_alias=True, indent=2))
    print_findings(findings, color=color)
    sys.exit(exits.WRONG_SPEC if findings else exits.OK)
