"""A row of two answers says what both of them were asked."""

from collections.abc import Iterable, Mapping

from tapc.ir import AnyStep, Emit, Generate, Pair
from tapc.semantics.report import Place, Report


def check_asked(
    emits: Iterable[Emit], steps: Mapping[str, AnyStep], drawn: Iterable[str], place: Place, report: Report
) -> None:
    """Report configs whose rows would show one side's prompt only.

    The two sides of a pair answer the same messages but for the system message, which may hold what is drawn for each
    candidate. A row that keeps it would say that the rejected answer was asked what the chosen one was.

    Args:
        emits: every config.
        steps: by name.
        drawn: mixes `per candidate`.
        place: of the dataset, for a config whose place is unknown.
        report: told, and knows places.
    """
    mixes = frozenset(drawn)
    for emit in emits:
        pair = steps.get(emit.source or "")
        shows = emit.kind in ("preference", "reward") and emit.system == "keep" and emit.prompt is None
        if not shows or not isinstance(pair, Pair):
            continue
        told = sorted(_differing(steps.get(pair.of), steps, mixes).difference(pair.within_drawn or ()))
        if told:
            _tell(emit, pair, told, report.origins.get(f"emit.{emit.name}.system", place), report)


def _tell(emit: Emit, pair: Pair, told: list[str], place: Place, report: Report) -> None:
    shown = " and ".join(f"`{mix}`" for mix in told)
    within = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    message = f"rows of `{emit.name}` would show the system message of one side only: {shown} differs by candidate"
    notes = (
        f"pair only answers with the same value: `within {within}` in `pair {pair.name}`",
        "or leave the system message out of the rows: `system drop`",
        "or name the step whose text both sides answer: `prompt STEP`",
    )
    labels = [place.label()]
    if f"step.{pair.of}" in report.origins:
        labels.append(report.origins[f"step.{pair.of}"].label("asks with it"))
    report.add("TAP446", message, *labels, notes=notes)


def _differing(step: AnyStep | None, steps: Mapping[str, AnyStep], mixes: frozenset[str]) -> frozenset[str]:
    """Mixes that a step's system message reads and that are drawn for each of its candidates, its parent's apart."""
    if not isinstance(step, Generate):
        return frozenset()
    read = {name for message in step.messages if message.role == "system" for name in message.content.reads}
    return (mixes & read) - _kept(steps.get(step.for_step or ""), steps, mixes)


def _kept(parent: AnyStep | None, steps: Mapping[str, AnyStep], mixes: frozenset[str]) -> frozenset[str]:
    """What was drawn for a parent, and so is the same for all candidates that answer it."""
    found: set[str] = set()
    while isinstance(parent, Generate):
        found.update(name for template in parent.templates() for name in template.reads)
        parent = steps.get(parent.for_step or "")
    return mixes & found
