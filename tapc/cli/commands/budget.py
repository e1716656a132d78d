"""`tapc budget`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained, leave
from tapc.cli.printing import put, put_json
from tapc.diagnostics import Diagnostic, did_you_mean

if TYPE_CHECKING:
    from tapc.store import Amount, Store


def _dollars(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    return options.dollars(value, negative=True)


@click.group("budget", epilog="Example:\n\n  tapc budget show")
def command() -> None:
    """Show what datasets have spent, over all their runs, and correct it."""


@command.command(
    "show",
    short_help="Show what was spent and is held, and the ceilings.",
    epilog="""Examples:

\b
  tapc budget show
  tapc budget show quickstart --json | jq '.accounts[0].lines[0].spent.usd'""",
)
@click.argument("dataset", required=False, metavar="[DATASET]")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@options.store
@options.color
@options.only_results
def show(dataset: str | None, store: Path, color: str, *, as_json: bool) -> None:
    """Show spent, held and ceilings of a dataset, its steps and its endpoints, and the journal of corrections."""
    from tapc.ui import ColorMode, make_console
    from tapc.ui.store import show_budget
    from tapc.workspace.accounts import budget_document, refuse_wrong
    from tapc.workspace.opening import existing_store

    with explained(color), existing_store(store) as opened:
        document = budget_document(opened, dataset)
        if dataset is not None and not document.accounts:
            known = [account.dataset for account in budget_document(opened).accounts]
            leave([_no_account(dataset, known)], exits.USAGE, color)
    if as_json:
        put_json(document.model_dump_json(by_alias=True, indent=2))
    else:
        show_budget(make_console(cast("ColorMode", color)), document)
    with explained(color):
        refuse_wrong(store, [text for account in document.accounts for text in account.wrong])


def _no_account(dataset: str, known: list[str]) -> Diagnostic:
    close = did_you_mean(dataset, known)
    note = f"did you mean {close!r}?" if close else f"accounts in this store: {', '.join(known) or 'none'}"
    return Diagnostic("TAP859", "error", f"there is no account of {dataset!r}", (), (note,))


@command.command(
    "adjust",
    short_help="Correct what an account has spent.",
    epilog="""Examples:

\b
  tapc budget adjust quickstart --cost -0.02 --reason "the provider refunded 12 May"
  tapc budget adjust quickstart --cost 4 --tokens 900000 --reason "spent before the store was lost\"""",
)
@click.argument("dataset", metavar="DATASET")
@click.option(
    "--cost", callback=_dollars, default="0", metavar="USD", help="Add these dollars to what is spent; may be negative."
)
@click.option("--tokens", type=int, default=0, metavar="N", help="Add these tokens; may be negative.")
@click.option("--requests", type=int, default=0, metavar="N", help="Add these requests; may be negative.")
@click.option("--reason", required=True, metavar="TEXT", help="Say why; the journal keeps it with the amount.")
@click.option("--step", metavar="NAME", help="Correct this step's account instead of the dataset's.")
@click.option(
    "--endpoint", "endpoint", metavar="NAME", help="Correct this endpoint's account instead of the dataset's."
)
@options.store
@options.color
@options.quiet
def adjust_command(dataset: str, store: Path, color: str, *, quiet: bool, **given: Any) -> None:
    """Correct what an account has spent, up or down, and say why. Ceilings are part of the spec."""
    from tapc.store import Amount
    from tapc.workspace.opening import existing_store

    amount = Amount(given["cost"], given["tokens"], given["requests"])
    if amount == Amount():
        raise click.UsageError("nothing to add: give --cost, --tokens or --requests")
    if given["step"] and given["endpoint"]:
        raise click.UsageError("a correction goes to one account: give --step or --endpoint, not both")
    with explained(color), existing_store(store, write=True) as opened:
        after = _adjust(opened, dataset, amount, given)
    if not quiet:
        from tapc.ui.amounts import money

        spent = f"{money(after.cost / 10**12)}, {after.tokens:,} tokens, {after.requests:,} requests"
        put(f"{given['step'] or given['endpoint'] or dataset} has now spent {spent}")


def _adjust(opened: "Store", dataset: str, amount: "Amount", given: dict[str, Any]) -> "Amount":
    from tapc.store import adjust

    if given["step"]:
        return adjust(opened, dataset, amount, reason=given["reason"], kind="step", name=given["step"])
    if given["endpoint"]:
        return adjust(opened, dataset, amount, reason=given["reason"], kind="endpoint", name=given["endpoint"])
    return adjust(opened, dataset, amount, reason=given["reason"])
