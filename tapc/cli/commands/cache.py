"""`tapc cache`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tapc.cli import exits, options
from tapc.cli.errors import explained, leave
from tapc.cli.printing import print_findings, put, put_json, say
from tapc.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tapc.plan import Planned
    from tapc.store import Store

_CONFLICTS_SHOWN = 10


@click.group("cache", epilog="Example:\n\n  tapc cache stats")
def command() -> None:
    """Count, check, tidy and move the replies in the store. None of this changes what was spent."""


@command.command(
    "stats",
    short_help="Count what the store holds.",
    epilog="""Examples:

\b
  tapc cache stats
  tapc cache stats --json | jq .replies""",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@options.store
@options.color
@options.only_results
def stats_command(store: Path, color: str, *, as_json: bool) -> None:
    """Count what the store holds, by model, origin and outcome."""
    from tapc.store import stats
    from tapc.ui import ColorMode, make_console
    from tapc.ui.store import show_stats
    from tapc.workspace.opening import existing_store

    with explained(color), existing_store(store) as opened:
        found = stats(opened)
    if as_json:
        _echo(found)
    else:
        show_stats(make_console(cast("ColorMode", color)), found)


@command.command(
    "verify",
    short_help="Look for damage.",
    epilog="""Examples:

\b
  tapc cache verify
  tapc cache verify --json | jq .damaged
  tapc cache verify --mend""",
)
@click.option(
    "--mend",
    is_flag=True,
    help="Take the larger figure of each account that disagrees, and read the figures of replies again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@options.store
@options.color
@options.only_results
def verify_command(store: Path, color: str, *, mend: bool, as_json: bool) -> None:
    """Check every reply's checksum, the database's structure and the ledger's sums. Exit code 1 if one is wrong.

    With --mend, repair what can be repaired without guessing: no figure goes down, and the journal notes it. Damaged
    replies need no repair: they are asked again when they are needed.
    """
    from tapc.store import verify
    from tapc.ui import ColorMode, make_console
    from tapc.ui.store import show_verification
    from tapc.workspace.cache.verify import redecided, verification_findings
    from tapc.workspace.opening import existing_store

    with explained(color), existing_store(store, write=mend) as opened:
        if mend:
            _mend(opened)
        found = verify(opened)
        others = redecided(opened)
    if as_json:
        _echo(found, sound=found.sound, redecided=others)
    else:
        show_verification(make_console(cast("ColorMode", color)), found, others)
    print_findings(verification_findings(store, found), color=color)
    sys.exit(exits.OK if found.sound else exits.WRONG_SPEC)


def _mend(opened: "Store") -> None:
    from tapc.store import mend

    done = mend(opened)
    removed = f"; removed {done.measured:,} measurements" if done.measured else ""
    say(f"mended {done.accounts:,} accounts and the figures of {done.figures:,} replies{removed}")


@command.command(
    "gc",
    short_help="Remove replies the named specs do not use.",
    epilog="""Examples:

\b
  tapc cache gc specs/quickstart.tap specs/tap_paper.tap --dry-run
  tapc cache gc specs/*.tap --yes

The accounts stay as they are: what was paid for a removed reply stays spent.""",
)
@click.argument("specs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SPEC...")
@click.option("--dry-run", is_flag=True, help="Print what would be removed, and remove nothing.")
@click.option("-y", "--yes", is_flag=True, help="Remove without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print what was removed as JSON.")
@options.planning
def gc_command(specs: tuple[Path, ...], store: Path, color: str, *, dry_run: bool, yes: bool, **given: Any) -> None:
    """Remove replies that none of the named specs uses; rejected attempts of these specs are kept.

    Every dataset of a spec counts, unless one is chosen with --dataset. Replies made with `--set` or
    `--endpoint NAME=URL#MODEL` are kept only if the same options are given here.
    """
    from tapc.store import all_keys, collect
    from tapc.ui.amounts import money
    from tapc.ui.store import size
    from tapc.workspace.cache.traversal import visited_keys
    from tapc.workspace.opening import existing_store

    plans = _plans(specs, given, color)
    with explained(color), existing_store(store, write=not dry_run) as opened:
        keep = set(visited_keys(plans, opened))
        present = all_keys(opened)
        doomed = sum(key not in keep for key in present)
        counts = {"kept": len(present) - doomed, "removed": doomed}
        if dry_run or not doomed:
            _report(counts, f"{doomed:,} of {len(present):,} replies would be removed", given["as_json"])
            return
        if not (yes and given["quiet"]):
            unused = f"{doomed:,} of {len(present):,} replies are not used by {', '.join(map(str, specs))}."
            say(unused)
        if not yes:
            _agree("Remove them? What was paid for them stays spent.")
        done = collect(opened, keep)
    said = f"removed {done.removed:,} replies once paid {money(done.cost / 10**12)}, kept {done.kept:,}"
    counts = {"kept": done.kept, "removed": done.removed, "usd": done.cost / 10**12, "freed_bytes": done.freed_bytes}
    if given["as_json"] or not given["quiet"]:
        _report(counts, f"{said}; {size(done.freed_bytes)} freed", given["as_json"])


def _report(counts: dict[str, Any], text: str, as_json: bool) -> None:  # noqa: FBT001 - passed on as it was given
    put(json.dumps(counts) if as_json else text)


def _agree(question: str) -> None:
    """Ask on a terminal; elsewhere the answer must be given with `--yes`."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("this would remove replies for good: add --yes to agree")
    if not click.confirm(question, err=True):
        sys.exit(exits.USAGE)


@command.command(
    "export",
    short_help="Write replies to a file.",
    epilog="""Examples:

\b
  tapc cache export replies.tapc
  tapc cache export quickstart.tapc specs/quickstart.tap
  tapc cache export --recording specs/quickstart.tap    # writes specs/tests/quickstart.replies""",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.argument("specs", nargs=-1, type=click.Path(path_type=Path), metavar="[SPEC...]")
@click.option(
    "--recording",
    is_flag=True,
    help="Write all replies of each named spec to tests/NAME.replies next to it, for `tapc test`; no FILE is named.",
)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@options.planning
def export_command(
    file: Path, specs: tuple[Path, ...], store: Path, color: str, *, force: bool, recording: bool, **given: Any
) -> None:
    """Write replies to a file for another store: all of them, or those that the named specs use."""
    if recording:
        for spec in (file, *specs):
            _record(spec, store, color, given)
        return
    from tapc.store import export_replies, reachable_keys
    from tapc.workspace.cache.traversal import visited_keys
    from tapc.workspace.opening import existing_store

    if file.exists() and not force:
        note = "choose another name, or replace it with --force"
        leave([Diagnostic("TAP925", "error", f"{file} exists already", (), (note,))], exits.USAGE, color)
    plans = _plans(specs, given, color)
    with explained(color), existing_store(store) as opened:
        keys, wrong = (visited_keys(plans, opened), None) if specs else reachable_keys(opened)
        done = export_replies(opened, keys, file)
    if done.damaged:
        say(f"{len(done.damaged):,} damaged replies were left out; `tapc cache verify` lists them")
    if not given["quiet"]:
        put(f"wrote {done.replies:,} replies to {file}")
    with explained(color):
        if wrong is not None:  # what could be reached is written, and the damage is told
            raise wrong


def _record(spec: Path, store: Path, color: str, given: dict[str, Any]) -> None:
    """Write the recording of one spec; an incomplete one would fail every test, and is not written."""
    from tapc.store import export_replies
    from tapc.workspace.cache.traversal import visited_keys
    from tapc.workspace.opening import existing_store
    from tapc.workspace.test import missing_replies, recording_of, unrecorded

    plans = _plans((spec,), given, color)
    with explained(color), existing_store(store) as opened:
        lacking = [(one, missing) for one in plans if (missing := missing_replies(one, opened))]
        if lacking:
            findings = [unrecorded(spec, one.dataset.name, missing, store) for one, missing in lacking]
            leave(findings, exits.WRONG_SPEC, color)
        done = export_replies(opened, visited_keys(plans, opened), recording_of(spec))
    if not given["quiet"]:
        put(f"wrote {done.replies:,} replies to {recording_of(spec)}")


@command.command(
    "import",
    short_help="Add the replies of a file.",
    epilog="""Examples:

\b
  tapc cache import replies.tapc
  tapc cache import big.tapc --max-bytes 64G --store /data/tapc

A file is checked as a whole before anything is added, and its replies are marked as imported. Their content is not
checked: import files only from people you would let write your data.""",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option(
    "--max-bytes",
    callback=options.size,
    default="16G",
    show_default=True,
    metavar="SIZE",
    help="Refuse a larger file, or one that unpacks to more.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of the replies as JSON.")
@options.store
@options.color
@options.quiet
def import_command(file: Path, max_bytes: int, store: Path, color: str, *, as_json: bool, quiet: bool) -> None:
    """Add the replies of a file to the store. Replies that the store has stay; conflicts are listed."""
    from tapc.store import import_replies, open_store

    with explained(color):
        if not file.is_file():
            raise FileNotFoundError(f"{file} is not a file")
        opened = open_store(store)
        try:
            done = import_replies(opened, file, max_bytes=max_bytes)
        finally:
            opened.close()
    if as_json:
        _echo(done)
        return
    if not quiet:
        put(f"added {done.added:,} replies; {done.known:,} were there already")
    if done.conflicts:
        put(f"{len(done.conflicts):,} differ from the ones here, which stay:")
        for key in done.conflicts[:_CONFLICTS_SHOWN]:
            put(f"  {key.hex()}")
    if done.busy:
        put(f"{len(done.busy):,} are being asked by a run at this moment and were left out")


def _plans(specs: tuple[Path, ...], given: dict[str, Any], color: str) -> "list[Planned]":
    """Plans of the named specs; a wrong one ends the command before anything happens."""
    from tapc.workspace.cache.traversal import plans_of
    from tapc.workspace.spec.checked import OverrideError

    try:
        plans, findings = plans_of(
            specs,
            settings=given["settings"],
            dataset=given["dataset"],
            overrides=given["endpoints"],
            outside=options.follows_outside(),
        )
    except OverrideError as error:
        raise click.BadParameter(str(error), param_hint="--endpoint") from error
    if findings:
        leave(findings, exits.WRONG_SPEC, color)
    return plans


def _echo(value: Any, **more: Any) -> None:
    """Print a structure as JSON, keys as hexadecimal."""
    put_json(json.dumps({**_plain(value), **more}, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    """What JSON has no form for: keys, and structures inside structures."""
    import msgspec

    return value.hex() if isinstance(value, bytes) else msgspec.structs.asdict(value)
