"""Runs all rules over a dataset."""

from collections.abc import Iterator

from tapc.diagnostics import Diagnostic, Label, rule
from tapc.frontend import Part
from tapc.lint.ceilings import budget_too_small, ceiling_never_reached
from tapc.lint.configs import format_not_written, unsplit
from tapc.lint.judges import self_judging, unfenced
from tapc.lint.language import language_not_asked
from tapc.lint.remark import LintRule, Remark
from tapc.lint.requests import prompt_over_context, same_again
from tapc.lint.shares import never_drawn
from tapc.lint.unused import nothing_emitted, unused_mixes, unused_rubrics, unused_steps

RULES: tuple[LintRule, ...] = (
    self_judging,
    language_not_asked,
    prompt_over_context,
    unused_steps,
    unused_mixes,
    budget_too_small,
    ceiling_never_reached,
    same_again,
    never_drawn,
    nothing_emitted,
    format_not_written,
    unfenced,
    unsplit,
)


def lint_dataset(part: Part) -> list[Diagnostic]:
    """Warnings about a dataset that was lowered without errors, in order of rules."""
    return [_placed(remark, part) for remark in _remarks(part)]


def _remarks(part: Part) -> Iterator[Remark]:
    for find in RULES:
        yield from find(part.dataset)
    composed = part.composed
    declared = (item.name for item in composed.items if item.head == "rubric" and item.name not in composed.copied)
    yield from unused_rubrics(part.dataset, tuple(declared))


def _placed(remark: Remark, part: Part) -> Diagnostic:
    labels: list[Label] = []
    for ways in remark.paths:
        exact = (way for path in ways for way in (f"{path}.name", path))  # a name where there is one, not the block
        place = next((part.origins[path] for path in exact if path in part.origins), None)
        if place is not None:
            labels.append(place.label())
    if not labels:
        labels.append(part.composed.place.label())
    return Diagnostic(remark.code, rule(remark.code).severity, remark.message, tuple(labels), remark.notes)
