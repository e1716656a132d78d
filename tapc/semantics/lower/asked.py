"""A row of two answers says what both of them were asked."""

from collections.abc import Iterable, Mapping

from tapc.ir import Emit, Step
from tapc.semantics.report import Place, Report


def check_asked(
    emits: Iterable[Emit], steps: Mapping[str, Step], drawn: Iterable[str], place: Place, report: Report
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
        shows = emit.pairs_answers() and emit.system == "keep" and emit.prompt is None
        of = None if pair is None else pair.paired()
        if not shows or pair is None or of is None:
            continue
        told = sorted(_differing(steps.get(of), steps, mixes).difference(pair.alike_in()))
        if told:
            _tell(emit, (pair.name, of), told, report.origins.get(f"emit.{emit.name}.system", place), report)


def _tell(emit: Emit, pair: tuple[str, str], told: list[str], place: Place, report: Report) -> None:
    """Report a config; `pair` is the name of the step that pairs, and of the one whose candidates it pairs."""
    name, of = pair
    shown = " and ".join(f"`{mix}`" for mix in told)
    within = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    message = f"rows of `{emit.name}` would show the system message of one side only: {shown} differs by candidate"
    notes = (
        f"pair only answers with the same value: `within {within}` in `pair {name}`",
        "or leave the system message out of the rows: `system drop`",
        "or name the step whose text both sides answer: `prompt STEP`",
    )
    labels = [place.label()]
    if f"step.{of}" in report.origins:
        labels.append(report.origins[f"step.{of}"].label("asks with it"))
    report.add("TAP446", message, *labels, notes=notes)


def _differing(step: Step | None, steps: Mapping[str, Step], mixes: frozenset[str]) -> frozenset[str]:
    """Mixes that a step's system message reads and that are drawn for each of its candidates, its parent's apart."""
    if step is None:
        return frozenset()
    return (mixes & step.system_reads()) - _kept(steps.get(step.parent() or ""), steps, mixes)


def _kept(parent: Step | None, steps: Mapping[str, Step], mixes: frozenset[str]) -> frozenset[str]:
    """What was drawn for a parent, and so is the same for all candidates that answer it."""
    found: set[str] = set()
    while parent is not None and parent.writing() is not None:
        found.update(name for template in parent.templates() for name in template.reads)
        parent = steps.get(parent.parent() or "")
    return mixes & found
