"""`tapc export`."""

from pathlib import Path

import click

from tapc.cli import options
from tapc.cli.errors import explained
from tapc.cli.printing import print_findings, put, put_json, say


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from tapc.exports import EXPORTS

    return [export.name for export in EXPORTS if export.name.startswith(incomplete)]


@click.command(
    "export",
    epilog="""Examples:

\b
  tapc export out/quickstart --to trl
  tapc export out/quickstart --to llama-factory --config preference -o ~/LLaMA-Factory/data/quickstart
  tapc export out/quickstart --to openai --json | jq -r '.files[].path'

Exit codes: 0 the export was written, 2 wrong usage, or the target has no place for something in the rows, 5 files of
the dataset are missing or were changed.""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    required=True,
    metavar="TARGET",
    shell_complete=_complete,
    help="Export to trl, openai, llama-factory, axolotl or verl.",
)
@click.option(
    "--config",
    "configs",
    multiple=True,
    metavar="NAME",
    help="Export this config only; may be repeated. By default all that the target can train on.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write this folder; by default DIR-TARGET, next to the dataset's. Only an older export is replaced.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what the export holds as JSON.")
@options.color
@options.quiet
def command(
    folder: Path, target: str, configs: tuple[str, ...], out: Path | None, color: str, *, as_json: bool, quiet: bool
) -> None:
    """Write a dataset as a trainer reads it, with the trainer's config, from the folder that `tapc run` wrote.

    Rows that the target has no place for end the export: nothing that a model would learn from is dropped silently.
    """
    from tapc.workspace.export import export_folder

    with explained(color):
        document, written, next_step, warnings = export_folder(folder, target, out, dict.fromkeys(configs))
    print_findings(warnings, color=color)
    if as_json:
        put_json(document.model_dump_json(by_alias=True, indent=2))
    else:
        put(str(written))
    if quiet:
        return
    for entry in document.configs:
        rows = ", ".join(f"{count:,} rows of {split}" for split, count in entry.splits.items())
        say(f"{entry.config} for {entry.task}: {rows}")
    for name, why in document.skipped.items():
        say(f"left out: {name} {why}")
    say(f"next: {next_step}")
