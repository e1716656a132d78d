"""Whole samples: prompts, candidates, scores, and what was rejected and why."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console
from rich.text import Text

from tapc.jobs import Message
from tapc.steps import Candidate, Generated, Judged, Rejection, ScoreValue, SlotState, Status, StepResult
from tapc.ui.console import print_hanging
from tapc.ui.diagnostics import escaped

_STYLES = {"accepted": "good", "rejected": "bad", "missing": "warn"}


def show_samples(console: Console, samples: Sequence[tuple[SlotState, Status]]) -> None:
    """Print samples in order of rank."""
    for state, status in samples:
        for text in _sample(state, status):
            print_hanging(console, text, console.width)


def _sample(state: SlotState, status: Status) -> Iterator[Text]:
    head = Text()
    head.append(f"\nsample {state.key.rank}", style="head")
    axes = "  ".join(f"{axis} {value}" for axis, value in state.axes.items())
    head.append(f"  {escaped(axes)}  ")
    head.append(status, style=_STYLES[status])
    yield head
    for name, result in state.results.items():
        yield from _result(name, result)
    for rejection in state.rejections:
        yield _rejection(rejection)


def _result(name: str, result: StepResult) -> Iterator[Text]:
    if isinstance(result, Generated):
        shown: tuple[Message, ...] = ()
        for candidate in result.candidates:
            if candidate.messages != shown:
                shown = candidate.messages
                yield _prompt(name, shown)
            yield _candidate(name, candidate)
    elif isinstance(result, Judged):
        for verdict in result.verdicts:
            scores = "  ".join(f"{score} {_score(value)}" for score, value in verdict.scores)
            text = Text()
            text.append(f"{name}", style="name")
            text.append(f" of {result.of} {verdict.candidate}: {scores}\n")
            text.append(_indented(verdict.rationale), style="quiet")
            yield text
    else:
        for pair in result.pairs:
            text = Text()
            text.append(name, style="name")
            text.append(f": {result.of} {pair.chosen} over {pair.rejected}, by {_score(pair.margin)}")
            yield text


def _prompt(name: str, messages: Sequence[Message]) -> Text:
    text = Text()
    for message in messages:
        text.append(f"{name} asked, {message.role}\n", style="quiet")
        text.append(f"{_indented(message.content)}\n", style="quiet")
    text.rstrip()
    return text


def _candidate(name: str, candidate: Candidate) -> Text:
    text = Text()
    text.append(f"{name} {candidate.index}", style="name")
    by = f" by {candidate.endpoint} ({candidate.model})" if candidate.endpoint else ""
    tries = f", try {candidate.attempt + 1}" if candidate.attempt else ""
    text.append(f"{escaped(by)}{tries}\n", style="quiet")
    text.append(_indented(candidate.text))
    return text


def _rejection(rejection: Rejection) -> Text:
    text = Text()
    text.append(f"{rejection.step} {rejection.candidate}, try {rejection.attempt + 1} rejected: ", style="bad")
    text.append(escaped(f"{rejection.reason}{': ' if rejection.detail else ''}{rejection.detail}"))
    if rejection.text:
        text.append(f"\n{_indented(rejection.text)}", style="quiet")
    return text


def _score(value: ScoreValue) -> str:
    if isinstance(value, Fraction):
        return str(value) if value.denominator == 1 else f"{float(value):.2f}"
    if isinstance(value, tuple):
        return ", ".join(escaped(part) for part in value) or "none"
    return "–" if value is None else escaped(str(value))


def _indented(content: str) -> str:
    return "\n".join(f"  {escaped(line)}" for line in content.strip().splitlines())
