"""`tapc diff`."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from tapc.cli import options
from tapc.cli.errors import explained
from tapc.cli.printing import put, put_json

if TYPE_CHECKING:
    from tapc.plan import DiffDocument


@click.command(
    "diff",
    epilog="""Examples:

\b
  tapc diff HEAD~1:specs/quickstart.tap specs/quickstart.tap
  tapc diff main HEAD specs/quickstart.tap
  tapc diff old.tap new.tap --format markdown
  tapc diff specs/quickstart.tap specs/quickstart.tap --no-lock

A revision's imports and lock are taken from the same revision; the work tree is not touched. Severities: none,
settings, refilter, extend, regenerate. Exit codes: 0 compared, 1 one of the specs is wrong, 2 wrong usage.""",
)
@click.argument("specs", nargs=-1, required=True, metavar="A B | REV REV PATH")
@options.format_option
@click.option("--by", "by", default="", metavar="AXIS,...", help="Show all values of these axes.")
@click.option(
    "--no-lock", is_flag=True, help="Plan the second spec afresh, to see what going on without its lock costs."
)
@options.store
@options.settings
@options.outside
@options.dataset
@options.color
@options.only_results
def command(
    specs: tuple[str, ...],
    form: str,
    by: str,
    store: Path,
    settings: dict[str, str],
    dataset: str | None,
    color: str,
    *,
    no_lock: bool,
) -> None:
    """Compare two specs by meaning: samples, requests to pay, cost of the change."""
    if len(specs) not in (2, 3):
        raise click.UsageError("give two specs, or two revisions and a path: tapc diff HEAD~1 HEAD specs/x.tap")
    from tapc.workspace.diff import diff_document, find_sides, load_side

    outside = options.follows_outside()
    with explained(color):
        first, second = find_sides(specs)
        before = load_side(first, settings=settings, dataset=dataset, outside=outside)
        after = load_side(second, settings=settings, dataset=dataset, outside=outside, locked=not no_lock)
        document = diff_document(before, after, store)
    print_diff(document, form, by, color)


def print_diff(document: "DiffDocument", form: str, by: str, color: str) -> None:
    """Print a difference in the format asked for."""
    axes = options.axes(by, document.axes)
    if form == "json":
        put_json(document.model_dump_json(by_alias=True, indent=2))
    elif form == "markdown":
        from tapc.ui.markdown import diff_markdown

        put(diff_markdown(document, axes), nl=False)
    else:
        from tapc.ui import ColorMode, make_console
        from tapc.ui.diff import show_diff

        show_diff(make_console(cast("ColorMode", color)), document, by=axes)
