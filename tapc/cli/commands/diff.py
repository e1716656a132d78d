"""`tapc diff`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

import click

from tapc.cli import exits, options
from tapc.cli.findings import print_findings
from tapc.cli.printing import put, put_json, say

if TYPE_CHECKING:
    from tapc.plan import DiffDocument


@click.command(
    "diff",
    epilog="""Examples:

\b
  tapc diff HEAD~1:specs/quickstart.tap specs/quickstart.tap
  tapc diff main HEAD specs/quickstart.tap
  tapc diff old.tap new.tap --format markdown

A revision's imports and lock are taken from the same revision; the work tree is not touched. Severities: none,
settings, refilter, extend, regenerate. Exit codes: 0 compared, 1 one of the specs is wrong, 2 wrong usage.""",
)
@click.argument("specs", nargs=-1, required=True, metavar="A B | REV REV PATH")
@options.format_option
@click.option("--by", "by", default="", metavar="AXIS,...", help="Show all values of these axes.")
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
) -> None:
    """Compare two specs by meaning: samples, requests to pay, cost of the change."""
    if len(specs) not in (2, 3):
        raise click.UsageError("give two specs, or two revisions and a path: tapc diff HEAD~1 HEAD specs/x.tap")
    from tapc.store import StoreError  # noqa: PLC0415 - the help needs nothing of this
    from tapc.workspace.diff import Unplannable, diff_document, find_sides, load_side  # noqa: PLC0415 - the same
    from tapc.workspace.spec.git import GitError  # noqa: PLC0415 - the same

    try:
        outside = options.follows_outside()
        before, after = (load_side(w, settings=settings, dataset=dataset, outside=outside) for w in find_sides(specs))
        document = diff_document(before, after, store)
    except (GitError, StoreError, Unplannable) as error:
        leave(error, color)
    print_diff(document, form, by, color)


def leave(error: Exception, color: str) -> NoReturn:
    """Say why two specs cannot be compared, and leave."""
    from tapc.diagnostics import Diagnostic  # noqa: PLC0415 - only where something is wrong
    from tapc.store import StoreError  # noqa: PLC0415 - the same
    from tapc.workspace.diff import Unplannable  # noqa: PLC0415 - the same
    from tapc.workspace.spec.git import GitError  # noqa: PLC0415 - the same

    if isinstance(error, Unplannable):
        say(f"{error.where.shown}:")
        print_findings(error.findings, color=color)
        sys.exit(exits.WRONG_SPEC)
    if isinstance(error, GitError):
        print_findings([Diagnostic(error.code, "error", str(error), (), (error.next_step,))], color=color)
        sys.exit(exits.USAGE)
    if isinstance(error, StoreError):
        print_findings([Diagnostic(error.code, "error", error.message, (), (error.next_step,))], color=color)
        sys.exit(exits.SHORT)
    raise error


def print_diff(document: "DiffDocument", form: str, by: str, color: str) -> None:
    """Print a difference in the format asked for."""
    axes = options.axes(by, document.axes)
    if form == "json":
        put_json(document.model_dump_json(by_alias=True, indent=2))
    elif form == "markdown":
        from tapc.ui.markdown import diff_markdown  # noqa: PLC0415 - only where asked for

        put(diff_markdown(document, axes), nl=False)
    else:
        from tapc.ui import ColorMode, make_console  # noqa: PLC0415 - only where asked for
        from tapc.ui.diff import show_diff  # noqa: PLC0415 - the same

        show_diff(make_console(cast("ColorMode", color)), document, by=axes)
