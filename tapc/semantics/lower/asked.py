"""The prompt of a row is what its answer is an answer to."""

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


def check_sides(steps: Mapping[str, Step], drawn: Iterable[str], place: Place, report: Report) -> None:
    """Report pairs whose two sides would be asked different things: only answers to one prompt are paired.

    Args:
        steps: by name.
        drawn: mixes `per candidate`.
        place: of the dataset, for a step whose place is unknown.
        report: told, and knows places.
    """
    mixes = frozenset(drawn)
    for pair in steps.values():
        of = steps.get(pair.paired() or "")
        if of is None:
            continue
        asked = (of.embeds() | of.answers()) & mixes
        told = sorted(asked - _kept(steps.get(of.parent() or ""), steps, mixes) - set(pair.alike_in()))
        if told:
            shown = " and ".join(f"`{mix}`" for mix in told)
            within = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
            message = (
                f"`{pair.name}` pairs answers to one prompt; {shown} in the prompt of `{of.name}` differs by candidate"
            )
            notes = (
                f"pair only answers with the same value: `within {within}` in `pair {pair.name}`",
                f"or move {shown} to the system message of `{of.name}`, which the two sides may differ in",
            )
            labels = [report.origins.get(f"step.{pair.name}", place).label()]
            if f"step.{of.name}" in report.origins:
                labels.append(report.origins[f"step.{of.name}"].label("asks with it"))
            report.add("TAP432", message, *labels, notes=notes)


def check_conversations(emits: Iterable[Emit], steps: Mapping[str, Step], place: Place, report: Report) -> None:
    """Report configs whose rows would show, as the prompt of an answer, a conversation that holds other answers.

    A revision is asked with the question, the first answer and perhaps a critique; it is to be learnt as an answer to
    the question alone.

    Args:
        emits: every config.
        steps: by name.
        place: of the dataset, for a config whose place is unknown.
        report: told, and knows places.
    """
    for emit in emits:
        answer = _answer(emit, steps)
        if answer is None or not emit.shows_conversation() or emit.asked:
            continue
        replies = _replies(answer, steps)
        if replies:
            _tell_conversation(emit, answer, replies, steps, report.origins.get(f"emit.{emit.name}", place), report)


def _replies(step: Step, steps: Mapping[str, Step]) -> list[Step]:
    """What a step is asked with that is a verdict, or an answer.

    A text is an answer where its own prompt is another text as it is; where it was asked with another one that is given
    here too; or where an answer was among what it was asked. A rewritten question is none.
    """
    held = step.embeds() & steps.keys()
    found = [steps[name] for name in sorted(held)]
    return [one for one in found if one.scored() or _made(one) & (one.answers() | held) or _replies(one, steps)]


def _made(step: Step) -> frozenset[str]:
    """What a step that chat models write reads; nothing where it is made once for several samples, as a syllabus is."""
    return frozenset() if step.writing() is None or step.shared_by() else frozenset(step.reads())


def _answer(emit: Emit, steps: Mapping[str, Step]) -> Step | None:
    """The step that writes the answers of a config."""
    source = steps.get((emit.source or "").partition(".")[0])
    if source is None:
        return None
    return steps.get(source.paired() or source.scored() or source.name)


def _tell_conversation(
    emit: Emit, answer: Step, replies: list[Step], steps: Mapping[str, Step], place: Place, report: Report
) -> None:
    shown = " and ".join(f"`{one.name}`" for one in replies)
    message = (
        f"rows of `{emit.name}` would show as prompt what `{answer.name}` was asked, with the text of {shown} in it"
    )
    said = {one.name for one in replies}
    asked = sorted({name for one in replies for name in one.reads() if name in steps} - said)
    notes = (
        f"name the text that it answers: `prompt {asked[0] if asked else 'STEP'}`",
        "or say that the whole conversation is to be learnt: `prompt asked`",
    )
    labels = [place.label()]
    if f"step.{answer.name}" in report.origins:
        labels.append(report.origins[f"step.{answer.name}"].label("is asked with it"))
    report.add("TAP449", message, *labels, notes=notes)


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
