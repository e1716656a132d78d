"""`tapc import`; the module's name has an underscore because `import` is a keyword of Python."""

from pathlib import Path

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained, leave
from tapc.cli.printing import print_findings, put, say
from tapc.diagnostics import Diagnostic


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
@click.option("--name", metavar="NAME", help="Name the taxonomy; by default after the file.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the module here.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--id", "id_", metavar="COLUMN", help="Identify rows by this column.")
@click.option("--parent", metavar="COLUMN", help="Read the identity of a row's parent from this column.")
@click.option("--title", metavar="COLUMN", help="Read the name that people see from this column.")
@click.option("--weight", metavar="COLUMN", help="Read the weight from this column.")
@click.option(
    "--percent", metavar="COLUMN", help="Read the share of the parent in percent, `12.5` or `12.5%`, from this column."
)
@click.option("--definition", metavar="COLUMN", help="Read the definition from this column.")
@click.option("--levels", metavar="A,B,...", default="", help="Read a wide table: its columns from the root down.")
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
    from tapc.importing import Columns
    from tapc.workspace.files import replace_text
    from tapc.workspace.import_ import import_path, name_of

    if out is not None and not force and (out.exists() or out.is_symlink()):
        note = "choose another name, or replace it with --force"
        leave([Diagnostic("TAP725", "error", f"{out} exists, and stays as it is", (), (note,))], exits.USAGE, color)
    asked = tuple(level.strip() for level in levels.split(",") if level.strip())
    done = import_path(source, name or name_of(source), Columns(id_, parent, title, weight, percent, definition, asked))
    if done.text is None:
        leave(done.diagnostics, exits.WRONG_SPEC, color)
    print_findings(done.diagnostics, color=color)
    if out is None:
        put(done.text, nl=False)
        return
    with explained(color):
        replace_text(out, done.text)
    if not quiet:
        say(f"wrote {out}")
