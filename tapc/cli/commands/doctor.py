"""`tapc doctor`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained
from tapc.cli.loading import counted
from tapc.cli.printing import print_findings, put_json
from tapc.diagnostics import has_errors

if TYPE_CHECKING:
    from tapc.plan import Planned
    from tapc.workspace.doctor import Examination


@click.command(
    "doctor",
    epilog="""Examples:

\b
  tapc doctor specs/quickstart.tap
  tapc doctor specs/quickstart.tap --endpoint writer=http://localhost:8000/v1#qwen3-32b --yes
  tapc doctor specs/quickstart.tap --json | jq '.steps[] | select(.refused != [])'

Exit codes: 0 all steps were answered (warnings may remain), 1 the spec is wrong, 2 wrong usage, 5 an endpoint or a
step's parameters cannot be used.""",
)
@options.spec_argument
@click.option("-y", "--yes", is_flag=True, help="Pay without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@options.endpoints
@options.settings
@options.outside
@options.dataset
@options.color
@options.only_results
def command(spec: Path, *, yes: bool, as_json: bool, **given: Any) -> None:
    """Send each step's real parameters once to each of its endpoints, and report what came back.

    Reachable, key accepted, model listed; parameters refused or ignored; structured output, seed, usage, reasoning.
    Nothing goes to the store or onto an account.
    """
    from tapc.semantics import placed
    from tapc.ui import ColorMode, make_console
    from tapc.ui.doctor import show_doctor
    from tapc.workspace.doctor import examine, prepare

    color = cast("ColorMode", given["color"])
    checked, planned = counted(
        spec, settings=given["settings"], dataset=given["dataset"], overrides=given["endpoints"], color=color
    )
    origins = checked.compiled.origins
    with explained(color, again=True, origins=origins):
        examination = prepare(planned)
        if not yes:
            _confirm(planned, examination)
        document, findings = examine(planned, examination, os.environ)
    if as_json:
        put_json(document.model_dump_json(by_alias=True, indent=2))
    else:
        show_doctor(make_console(color), document)
    print_findings(placed(findings, origins), color=color)
    sys.exit(exits.INCOMPLETE if has_errors(findings) else exits.OK)


def _confirm(planned: "Planned", examination: "Examination") -> None:
    """Ask before paying on a terminal; elsewhere paying needs `--yes`."""
    from tapc.workspace.plan.document import pays

    if not pays(planned):
        return
    from tapc.ir import dollars

    unpriced = any(not e.simulated and e.price is None for e in planned.dataset.endpoints)
    price = f"at most {dollars(examination.cost)}" + (", and what endpoints without a price take" if unpriced else "")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            f"this would pay for about {examination.requests} requests ({price}): add --yes to agree"
        )
    if not click.confirm(f"Send about {examination.requests} requests ({price})?", err=True):
        sys.exit(exits.USAGE)
