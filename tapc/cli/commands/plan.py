"""`tapc plan`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained
from tapc.cli.loading import load
from tapc.cli.printing import print_findings, put, put_json, say

if TYPE_CHECKING:
    from tapc.cli.loading import Loaded
    from tapc.diagnostics import Diagnostic
    from tapc.plan import PlanDocument, Planned


@click.command(
    "plan",
    epilog="""Examples:

\b
  tapc plan specs/quickstart.tap
  tapc plan specs/quickstart.tap --by topic,language
  tapc plan specs/quickstart.tap --json | jq .total
  tapc plan science.tap --set scale=900    # a spec with a param `scale`
  tapc plan specs/quickstart.tap --samples 2
  tapc plan specs/quickstart.tap --worst
  tapc plan specs/quickstart.tap --track
  tapc plan specs/quickstart.tap --what-if choice.margin=0..2
  tapc plan specs/quickstart.tap --what-if samples=60,120,600
  tapc plan specs/quickstart.tap --against main --format markdown
  tapc plan specs/quickstart.tap --out plan.json && tapc run plan.json

Exit codes: 0 fine, 1 the spec is wrong or the plan is not as it expects, 2 wrong usage, 3 the expected cost is more
than the budget has left, 4 something would be sent (or changed, with --against) although --expect-no-changes is
set.""",
)
@options.spec_argument
@click.option("--by", "by", default="", metavar="AXIS,...", help="Show counts and costs by these axes in full.")
@click.option(
    "--samples", type=click.IntRange(min=1, max=1000), default=None, metavar="K", help="Show the prompts of K samples."
)
@click.option("--worst", is_flag=True, help="Show what everything costs at most, without the budget.")
@click.option("--track", is_flag=True, help="Show what earlier runs were expected to send and pay, and what they did.")
@click.option(
    "--what-if",
    "what_if",
    metavar="TARGET=VALUES",
    help="Show what other values of a threshold, margin, share or `samples` come to, with the replies there are.",
)
@click.option("--against", metavar="REV", help="Compare with the spec at a git revision, as `tapc diff` does.")
@click.option(
    "--why", metavar="KEY|RANK", help="Explain why a job, or the jobs of a sample, are not served from the store."
)
@click.option(
    "--out",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Save the plan for `tapc run FILE`.",
)
@click.option("--expect-no-changes", is_flag=True, help="Exit with 4 if a run would send anything.")
@click.option("--lock", "lock", is_flag=True, help="Write SPEC.lock, which keeps later plans close to this one, now.")
@options.no_lock
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as --format json does (`tapc schema plan`).")
@options.format_option
@options.planning
def command(spec: Path, **given: Any) -> None:
    """Show counts, requests and cost before anything is sent."""
    color = given["color"]
    _refuse_odd(given)
    loaded = load(
        spec,
        settings=given["settings"],
        dataset=given["dataset"],
        overrides=given["endpoints"],
        color=color,
        locked=not given["no_lock"],
    )
    planned = loaded.planned
    form = "json" if given["as_json"] else given["form"]
    if given["why"] is not None:
        _explain(planned, spec, form, given)
        return
    if given["what_if"] is not None:
        _what_if(loaded, form, given)
        return
    if given["track"]:
        _track(planned, form, given)
        return
    if given["against"] is not None:
        changed = _compare(planned, spec, form, given)
        sys.exit(exits.CHANGES if changed and given["expect_no_changes"] else exits.OK)
    axes = options.axes(given["by"], (*planned.axes(), *planned.drawn()))
    with explained(color):
        findings = [*loaded.checked.diagnostics, *loaded.missed(given["store"])]
        document = _document(loaded, findings, spec, given, axes, form)
        failed = _unmet(document, loaded)
        # Before anything is printed: a reader of the output that goes away, such as `head`, ends the command.
        wrote = [] if failed else _write(loaded, document, given)
    _print(document, findings, form, axes, given)
    print_findings(failed, color=color)
    for line in wrote:
        say(line)
    if failed:
        sys.exit(exits.WRONG_SPEC)
    if given["expect_no_changes"] and document.total.requests.ceiling:
        sys.exit(exits.CHANGES)
    sys.exit(exits.OK if document.budget.fits_expected else exits.OVER_BUDGET)


def _refuse_odd(given: dict[str, Any]) -> None:
    """Options that make no sense together.

    Raises:
        click.UsageError: some were given.
    """
    if given["lock"] and given["no_lock"]:
        raise click.UsageError("--lock writes the lock that --no-lock leaves alone; to begin again, delete it first")
    views = [name.replace("_", "-") for name in ("why", "against", "what_if") if given[name] is not None]
    views += ["track"] if given["track"] else []
    if len(views) > 1 and set(views) != {"why", "against"}:  # `--why` looks for the job at the revision
        raise click.UsageError(f"--{views[0]} and --{views[1]} show different things: give one of them")
    other = views[0] if views else None
    written = next((name for name in ("lock", "out") if given[name]), None)
    if other is not None and written is not None:
        raise click.UsageError(f"--{other} writes nothing: give --{written} in a command of its own")


def _document(
    loaded: "Loaded", findings: "list[Diagnostic]", spec: Path, given: dict[str, Any], axes: list[str], form: str
) -> "PlanDocument":
    from tapc.workspace.plan.document import plan_document

    compiled = loaded.checked.compiled
    return plan_document(
        loaded.planned,
        spec=str(spec),
        store=given["store"],
        diagnostics=findings,
        samples=given["samples"] or 0,
        sources=(*compiled.sources, *loaded.planned.resources.files),
        by=axes if form == "table" else None,
        whole=axes,
        origins=compiled.origins,
    )


def _unmet(document: "PlanDocument", loaded: "Loaded") -> "list[Diagnostic]":
    """Expectations of the spec that do not hold."""
    from tapc.workspace.expectations import expectation_findings

    return expectation_findings(document.expectations, loaded.checked.compiled.origins)


def _print(
    document: "PlanDocument", findings: "list[Diagnostic]", form: str, axes: list[str], given: dict[str, Any]
) -> None:
    """Print the plan and what there is to say about it."""
    if form == "json":
        put_json(document.model_dump_json(by_alias=True, indent=2))
    elif form == "markdown":
        from tapc.ui.markdown import plan_markdown

        put(plan_markdown(document, axes, worst=given["worst"]), nl=False)
    else:
        from tapc.ui import ColorMode, make_console
        from tapc.ui.plan import show_plan

        show_plan(make_console(cast("ColorMode", given["color"])), document, by=axes, worst=given["worst"])
        if not given["quiet"]:
            print_findings(findings, color=given["color"])


def _write(loaded: "Loaded", document: "PlanDocument", given: dict[str, Any]) -> list[str]:
    """Write the lock and the plan, as far as they are wanted; returns what to say about it."""
    said: list[str] = []
    lock = loaded.next_lock() if given["lock"] else None
    if lock is not None:
        from tapc.workspace.spec.lock import save_lock

        said.append(f"wrote {lock.path}" if save_lock(lock) else f"{lock.path} is up to date")
    if given["out"] is not None:
        from tapc.workspace.plan.saved import save_plan

        out: Path = given["out"]
        save_plan(
            out,
            document,
            loaded.planned.dataset,
            settings=given["settings"],
            dataset=given["dataset"],
            endpoints=given["endpoints"],
        )
        said.append(f"wrote {out}; run exactly this plan with: tapc run {out}")
    return [] if given["quiet"] else said


def _compare(planned: "Planned", spec: Path, form: str, given: dict[str, Any]) -> bool:
    """Print the difference to a revision; returns whether there is one."""
    from tapc.cli.commands.diff import print_diff
    from tapc.workspace.diff import Where, diff_document, load_side, side_of

    where = Where(spec, given["against"], f"{given['against']}:{spec}")
    with explained(given["color"]):
        before = load_side(where, settings=given["settings"], dataset=given["dataset"])
        document = diff_document(before, side_of(planned, str(spec)), given["store"])
    print_diff(document, form, given["by"], given["color"])
    return document.severity != "none"


def _what_if(loaded: "Loaded", form: str, given: dict[str, Any]) -> None:
    """Print what other values of a threshold, a margin, a share or the samples come to."""
    from tapc.workspace.what_if import what_if_document

    with explained(given["color"]):
        lock = None if loaded.lock is None else loaded.lock.lock
        document = what_if_document(loaded.planned, given["what_if"], given["store"], lock)
    if form == "json":
        put_json(document.model_dump_json(by_alias=True, indent=2))
    elif form == "markdown":
        from tapc.ui.markdown import what_if_markdown

        put(what_if_markdown(document), nl=False)
    else:
        from tapc.ui import ColorMode, make_console
        from tapc.ui.what_if import show_what_if

        show_what_if(make_console(cast("ColorMode", given["color"])), document)


def _track(planned: "Planned", form: str, given: dict[str, Any]) -> None:
    """Print forecasts of earlier runs next to what the runs did."""
    from tapc.workspace.opening import existing_store
    from tapc.workspace.tracking import track_document

    with explained(given["color"]), existing_store(given["store"]) as opened:
        document = track_document(planned.dataset.name, opened)
    if form == "json":
        put_json(document.model_dump_json(by_alias=True, indent=2))
    elif form == "markdown":
        from tapc.ui.markdown import track_markdown

        put(track_markdown(document), nl=False)
    else:
        from tapc.ui import ColorMode, make_console
        from tapc.ui.track import show_track

        show_track(make_console(cast("ColorMode", given["color"])), document)


def _explain(planned: "Planned", spec: Path, form: str, given: dict[str, Any]) -> None:
    """Print why jobs are not served from the store."""
    from tapc.workspace.diff import earlier_plans
    from tapc.workspace.plan.misses import explain_jobs

    earlier = earlier_plans(spec, given["against"], settings=given["settings"], dataset=given["dataset"])
    with explained(given["color"]):
        found = explain_jobs(planned, given["why"], given["store"], earlier)
    if form == "json":
        import msgspec

        put_json(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    for job in found:
        put(f"{job.step} ({job.endpoint})  {job.key[:16]}  {job.state}")
        for line in job.reasons:
            put(f"  {line}")
