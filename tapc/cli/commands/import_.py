"""`tapc import`; the module's name has an underscore because `import` is a word of Python."""

import sys
from pathlib import Path

import click

from tapc.cli import exits, options
from tapc.cli.findings import print_findings
from tapc.cli.printing import put, say


@click.command(
    "import",
    epilog="""Examples:

\b
  tapc import catalogue.csv --out taxonomies/catalogue.tap
  tapc import wide.csv --levels field,subfield --name fields
  tapc import catalogue.csv --percent share --out taxonomies/catalogue.tap --force
  tapc import instructlab/taxonomy --name skills""",
)
@click.argument("source", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Of the taxonomy; by default made from the file's.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write here.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--id", "id_", metavar="COLUMN", help="Column that identifies a row.")
@click.option("--parent", metavar="COLUMN", help="Column that names the parent's identity.")
@click.option("--title", metavar="COLUMN", help="Column of the name people read.")
@click.option("--weight", metavar="COLUMN", help="Column of the weight.")
@click.option("--percent", metavar="COLUMN", help="Column of the share of the parent in percent, `12.5` or `12.5%`.")
@click.option("--definition", metavar="COLUMN", help="Column of the definition.")
@click.option("--levels", metavar="A,B,...", default="", help="Columns of a wide table, from the root down.")
@options.color
@options.quiet
def command(
    source: Path, name: str | None, out: Path | None, id_: str | None, parent: str | None, title: str | None,
    weight: str | None, percent: str | None, definition: str | None, levels: str, color: str, *, force: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Turn CSV, TSV, JSON, JSONL, YAML or an InstructLab tree into a module with one taxonomy.

    Columns that are not named are guessed from the header. Without --out the module goes to standard output.
    """
    from tapc.diagnostics import Diagnostic  # noqa: PLC0415 - the help needs nothing of this
    from tapc.importing import Columns  # noqa: PLC0415 - the help needs nothing of this
    from tapc.workspace.errors import unwritten  # noqa: PLC0415 - the same
    from tapc.workspace.files import replace_text  # noqa: PLC0415 - the same
    from tapc.workspace.import_ import import_path, name_of  # noqa: PLC0415 - the same

    if out is not None and not force and (out.exists() or out.is_symlink()):
        note = "choose another name, or give --force to write over it"
        print_findings([Diagnostic("TAP725", "error", f"{out} is there, and stays as it is", (), (note,))], color=color)
        sys.exit(exits.USAGE)
    asked = tuple(level.strip() for level in levels.split(",") if level.strip())
    done = import_path(source, name or name_of(source), Columns(id_, parent, title, weight, percent, definition, asked))
    print_findings(done.diagnostics, color=color)
    if done.text is None:
        sys.exit(exits.WRONG_SPEC)
    if out is None:
        put(done.text, nl=False)
        return
    try:
        replace_text(out, done.text)
    except OSError as error:
        print_findings([unwritten(error)], color=color)
        sys.exit(exits.USAGE)
    if not quiet:
        say(f"wrote {out}")
