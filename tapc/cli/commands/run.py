"""`tapc run`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained, leave
from tapc.cli.loading import load
from tapc.cli.printing import print_findings, put_json, say

if TYPE_CHECKING:
    from tapc.plan import PlanDocument, StepSeen


def _dollars(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    return None if value is None else options.dollars(value)


@click.command(
    "run",
    epilog="""Examples:

\b
  tapc run specs/quickstart.tap
  tapc run specs/quickstart.tap --limit 12 --out /tmp/look
  tapc run specs/quickstart.tap --endpoint writer=http://localhost:8000/v1#qwen3-32b
  tapc run specs/quickstart.tap --offline
  tapc run specs/quickstart.tap --partial --out /tmp/look

Exit codes: 0 complete, 1 the spec is wrong or the plan is not as it expects (nothing was sent), 2 wrong usage, 3 a
ceiling stopped the run, 5 short, with failed requests or a config without a row, stopped by the brake, or not as the
spec expects, 130 interrupted. Running again continues where it stopped and pays for nothing twice.

The brake: once it is certain that too few samples pass for the reserve to replace the others, nothing more is
sent.

A run writes SPEC.lock before its first request, so that later edits keep what they can: commit it. It does not with
--set, --endpoint, --limit, --offline, --partial or --no-lock.""",
)
@options.spec_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out"),
    show_default=True,
    metavar="DIR",
    help="Write the dataset's folder here.",
)
@options.store
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Make only the first N samples, spread over the cells."
)
@options.endpoints
@click.option("--offline", is_flag=True, help="Write what the store has; open no connection, read no environment.")
@click.option("--partial", is_flag=True, help="Send nothing; write what is stored and accepted, however little.")
@click.option(
    "--give-up",
    is_flag=True,
    help="Give up jobs that are refused or fail too often, for good, so that their samples go on.",
)
@click.option(
    "--concurrency", type=click.IntRange(min=1), metavar="N", help="Keep at most N requests in flight per endpoint."
)
@click.option(
    "--max-cost",
    callback=_dollars,
    metavar="USD",
    help="Spend no more than this in this run, whatever the spec allows.",
)
@click.option(
    "--allow-short",
    callback=options.percent,
    default="0%",
    metavar="P%",
    help="Accept this share of missing samples.",
)
@click.option("--allow-run", is_flag=True, help="Allow the spec to run its programs (`run [ … ]`) on this machine.")
@click.option(
    "--no-brake",
    is_flag=True,
    help="Go on asking even if so many samples are rejected that the reserve cannot replace them.",
)
@options.no_lock
@click.option("-y", "--yes", is_flag=True, help="Pay without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json on standard output (`tapc schema run`).")
@click.option("--log-json", is_flag=True, help="Report progress as JSON lines on standard error.")
@options.settings
@options.outside
@options.dataset
@options.color
@options.quiet
def command(spec: Path, **given: Any) -> None:
    """Make the dataset: send what is missing, write what is accepted."""
    from tapc.semantics import placed
    from tapc.ui import ColorMode, make_console
    from tapc.ui.progress import make_progress
    from tapc.ui.summary import ended_short, show_summary
    from tapc.workspace.expectations import expectation_findings
    from tapc.workspace.run.braking import brake_findings
    from tapc.workspace.run.execution import run_plan
    from tapc.workspace.run.report import RunOptions

    color = cast("ColorMode", given["color"])
    if given["give_up"] and (given["offline"] or given["partial"]):
        raise click.UsageError("--give-up sends requests: leave out --offline or --partial")
    loaded = load(
        spec,
        settings=given["settings"],
        dataset=given["dataset"],
        overrides=given["endpoints"],
        color=color,
        offline=given["offline"] or given["partial"],
        locked=not given["no_lock"],
    )
    checked, planned = loaded.checked, loaded.planned
    with explained(color, again=True):
        missed = loaded.missed(given["store"])
    if not given["quiet"]:
        print_findings([*checked.diagnostics, *missed], color=color)
    run_options = RunOptions(
        out=given["out"],
        store=given["store"],
        limit=given["limit"],
        offline=given["offline"],
        partial=given["partial"],
        give_up=given["give_up"],
        concurrency=given["concurrency"],
        max_cost=given["max_cost"],
        allow_short=given["allow_short"],
        allow_run=given["allow_run"],
        brake=not given["no_brake"],
        track=True,
        keep_lock=given["limit"] is None and not (given["offline"] or given["partial"] or loaded.changed),
    )
    origins = checked.compiled.origins
    with explained(color, again=True, origins=origins):
        if run_options.whole and not run_options.silent:
            expect_of_plan(planned, run_options.store, origins, color)
        if not run_options.silent and not given["yes"]:
            confirm(planned, spec, run_options.store, color, limit=run_options.limit)
        with make_progress(color, quiet=given["quiet"], as_json=given["log_json"]) as progress:
            report = run_plan(
                planned,
                run_options,
                sources=checked.compiled.sources,
                environ={} if run_options.silent else os.environ,
                observer=progress,
                lock=loaded.next_lock(),
            )
        sent = report.run.requests.sent and report.status != "interrupt"
        summary = not (given["as_json"] or given["quiet"])
        seen = _seen(planned, spec, run_options.store) if sent and summary else ()
    if given["as_json"]:
        put_json(report.run.model_dump_json(by_alias=True, indent=2))
    elif summary:
        show_summary(make_console(color), report, str(spec), seen)
    elif (short := ended_short(report)) is not None:
        say(short)
    if report.lock is not None and not (given["quiet"] or given["log_json"]):
        say(f"wrote {report.lock}: commit it with the spec")
    unmet = report.status in ("unexpected", "short", "empty") and run_options.whole and report.written
    failed = expectation_findings(report.manifest.expectations, origins) if unmet else []
    braked = brake_findings(report.run, planned, origins)
    print_findings([*placed(report.problems, origins), *failed, *braked], color=color)
    sys.exit(exits.OF_RUN[report.status])


def expect_of_plan(planned: Any, store: Path, origins: Any, color: str) -> None:
    """End the command before anything is sent if the plan is not as the spec expects."""
    from tapc.workspace.plan.document import unmet

    if planned.dataset.expectations:
        failed = unmet(planned, store, origins)
        if failed:
            leave(failed, exits.WRONG_SPEC, color)


def confirm(planned: Any, spec: Path, store: Path, color: "Any", *, limit: int | None = None) -> None:
    """Ask before paying on a terminal; elsewhere paying needs `--yes`."""
    from tapc.ui import make_console
    from tapc.ui.plan import show_plan
    from tapc.ui.verdict import headline
    from tapc.workspace.plan.document import pays, plan_document

    if not pays(planned):
        return
    document: PlanDocument = plan_document(planned, spec=str(spec), store=store, diagnostics=(), by=())
    if not document.total.requests.ceiling:
        return
    console = make_console(color, stderr=True)
    show_plan(console, document)
    some = limit is not None and limit < document.samples
    if some:
        console.print(f"Only the first {limit:,} of {document.samples:,} samples are asked for now.")
        first = plan_document(planned, spec=str(spec), store=store, diagnostics=(), by=(), limit=limit)
        if first.forecast is not None:
            console.print("For these:", headline(first))
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("this run would pay for requests: add --yes to agree")
    if not click.confirm("Send these requests and pay for them?", err=True):
        sys.exit(exits.USAGE)


def _seen(planned: Any, spec: Path, store: Path) -> "list[StepSeen]":
    """Estimate against actual of every step; of large plans, from a sample of their slots."""
    from tapc.workspace.plan.document import plan_document

    return plan_document(planned, spec=str(spec), store=store, diagnostics=(), by=()).seen
