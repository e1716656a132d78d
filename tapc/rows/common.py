"""What rows of all kinds share: provenance, messages, scores."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import msgspec

from tapc.ir import Dataset, Emit
from tapc.jobs import Message
from tapc.rows.columns import axes_of, drawn_of, scores_of_step
from tapc.steps import Candidate, Generated, Judged, ScoreValue, SlotState

Row = dict[str, Any]


class RowContext(msgspec.Struct, frozen=True):
    """What does not change from row to row.

    Attributes:
        dataset: the IR.
        emit: the config the rows are for.
        simulated: whether any endpoint is simulated.
        taxonomy: name of the taxonomy axis, None without one.
        order: step name to its place, for a stable order of rejections.
        answering: steps whose texts no other step is prompted with; in `records`, their prompts are the row's.
        axes: names of the axes that rows show, the taxonomy's apart.
        drawn: names of the mixes drawn for each candidate.
        scores: every score that candidates of a step can have, by step.
    """

    dataset: Dataset
    emit: Emit
    simulated: bool
    taxonomy: str | None
    order: dict[str, int]
    answering: frozenset[str] = frozenset()
    axes: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    scores: dict[str, tuple[tuple[str, str, str], ...]] = {}

    @staticmethod
    def of(dataset: Dataset, emit: Emit) -> "RowContext":
        """Derive the context of one config."""
        taxonomy = dataset.space.taxonomy
        made = [step for step in dataset.steps if step.writing() is not None]
        scores = {step.name: scores_of_step(dataset, step.name) for step in dataset.steps}
        return RowContext(
            dataset,
            emit,
            any(endpoint.simulated for endpoint in dataset.endpoints),
            taxonomy.name if taxonomy else None,
            {step.name: i for i, step in enumerate(dataset.steps)},
            frozenset(step.name for step in made).difference(*(step.reads() for step in made)),
            axes_of(dataset),
            drawn_of(dataset),
            {
                step: tuple((path, *path.split(".", 1)) for path, _ in known)  # pyright: ignore[reportArgumentType]
                for step, known in scores.items()
            },
        )


def slot_id(slot: SlotState) -> str:
    """Stable identity of a slot: what it is drawn as."""
    drawn = slot.key.drawn
    return f"{drawn.cell.hex()}:{drawn.ordinal}"


def messages(prompt: tuple[Message, ...], context: RowContext) -> list[dict[str, str]]:
    """A prompt as chat messages; the system message is dropped unless the spec keeps it."""
    keep = context.emit.system == "keep"
    return [{"role": m.role, "content": m.content} for m in prompt if keep or m.role != "system"]


def prompt_of(slot: SlotState, answer: Candidate, context: RowContext) -> list[dict[str, str]] | None:
    """The prompt of an answer's row: the text that the spec names, as the user's message, else what was asked.

    None where the spec names a text that the slot does not have.
    """
    if context.emit.prompt is None:
        return messages(answer.messages, context)
    told = text_of(slot, context.emit.prompt)
    return None if told is None else [{"role": "user", "content": told}]


def text_of(slot: SlotState, path: str) -> str | None:
    """The text of the first candidate of a step, or of a field or column of it; None where there is none."""
    step, _, field = path.partition(".")
    return next((text_in(found, field) for found in candidates(slot, step)[:1]), None)


def text_in(candidate: Candidate, field: str) -> str | None:
    """A candidate's text, or that of a field or column; other values are JSON; None where it has none."""
    if not field:
        return candidate.text
    value = (candidate.fields or {}).get(field)
    return value if isinstance(value, str | None) else msgspec.json.encode(value).decode()


def completion(candidate: Candidate, context: RowContext) -> dict[str, str]:
    """A candidate as an assistant message, with its reasoning as the spec wants it."""
    content = candidate.text
    if context.emit.reasoning == "inline" and candidate.reasoning:
        content = f"<think>\n{candidate.reasoning}\n</think>\n\n{content}"
    message = {"role": "assistant", "content": content}
    if context.emit.reasoning == "keep":
        message["reasoning"] = candidate.reasoning
    return message


def prompts_of(row: Row, context: RowContext) -> list[object]:  # noqa: ARG001 - what every kind is given
    """Prompts of a row as messages, from its `prompt`, or from the text before the answer of its `messages`."""
    if "prompt" in row:
        return [row["prompt"]]
    return [row["messages"][:-1]] if "messages" in row else []


def number(value: ScoreValue) -> float | None:
    """A score as a JSON number: always a float, so that a column has one type; None where missing or no number."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    return float(value) if isinstance(value, Fraction) else None


Shown = float | bool | list[str] | str | None
"""A score in a row."""


def scores_of(slot: SlotState, step: str, candidate: int, context: RowContext) -> dict[str, Shown]:
    """Every score a candidate of a step can have, by `judge.aspect`; null where it has none."""
    return {
        path: _shown(result.score(candidate, aspect) if isinstance(result := slot.results.get(judge), Judged) else None)
        for path, judge, aspect in context.scores[step]
    }


def _shown(value: ScoreValue) -> Shown:
    if isinstance(value, Fraction):
        return float(value)
    return list(value) if isinstance(value, tuple) else value


def candidates(slot: SlotState, step: str) -> tuple[Candidate, ...]:
    """Candidates of a step; none where it has no result."""
    result = slot.results.get(step)
    return result.candidates if isinstance(result, Generated) else ()


def candidate(slot: SlotState, step: str, index: int) -> Candidate:
    """A candidate by index.

    Raises:
        LookupError: a bug: a result names a candidate that does not exist.
    """
    for found in candidates(slot, step):
        if found.index == index:
            return found
    raise LookupError(f"slot {slot_id(slot)} has no candidate {index} of {step}")


def score(slot: SlotState, path: str, index: int) -> ScoreValue:
    """The score `judge.aspect` of a candidate."""
    step, _, aspect = path.partition(".")
    result = slot.results.get(step)
    return result.score(index, aspect or "overall") if isinstance(result, Judged) else None


def scored(slot: SlotState, context: RowContext) -> Iterator[tuple[Candidate, ScoreValue]]:
    """Candidates with the score that the config reads."""
    path = context.emit.source or ""
    result = slot.results.get(path.partition(".")[0])
    if isinstance(result, Judged):
        for verdict in result.verdicts:
            yield candidate(slot, result.of, verdict.candidate), score(slot, path, verdict.candidate)


def lower_is_better(context: RowContext, path: str) -> bool:
    """Direction of the score `judge.aspect`."""
    name, _, aspect = path.partition(".")
    return context.dataset.step(name).lower_is_better(aspect or "overall")


def provenance(slot: SlotState, context: RowContext, used: tuple[Candidate, ...]) -> Row:
    """Where a row comes from; every key present in every row, with one type."""
    found: Row = {"slot": slot_id(slot), **cell(slot, context)}
    found["endpoints"] = [c.endpoint for c in used]
    found["models"] = [c.model for c in used]
    if context.drawn:
        found["drawn"] = [drawn(c, context) for c in used]
    found["jobs"] = job_keys(slot)
    found["simulated"] = context.simulated
    return found


def cell(slot: SlotState, context: RowContext) -> Row:
    """Where in the space a slot lies: the leaf, and the value of each axis where there is any."""
    axes = slot.axes
    found: Row = {"taxonomy": axes.get(context.taxonomy, "") if context.taxonomy else ""}
    if context.axes:
        found["axes"] = {name: axes.get(name) for name in context.axes}
    return found


def drawn(candidate: Candidate, context: RowContext) -> dict[str, str | None]:
    """What was drawn for a candidate, of each mix; null where its prompts read none of that mix."""
    known = dict(candidate.drawn)
    return {name: known.get(name) for name in context.drawn}


def job_keys(slot: SlotState) -> list[str]:
    """Keys of all jobs whose replies are in the results of the slot, sorted."""
    keys: set[bytes] = set()
    for result in slot.results.values():
        if isinstance(result, Generated):
            keys.update([c.key for c in result.candidates if c.key])
        elif isinstance(result, Judged):
            for verdict in result.verdicts:
                keys.update(verdict.keys)
    return sorted(key.hex() for key in keys)
