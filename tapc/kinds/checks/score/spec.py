"""`require score STEP.ASPECT >= N`."""

from tapc.ir import Check
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import (
    Argument,
    CheckContext,
    CheckKind,
    Misshapen,
    Taken,
    comparison,
    write_comparison,
)
from tapc.semantics.lower.thresholds import check_bound
from tapc.semantics.page import Page
from tapc.semantics.report import Place
from tapc.syntax.nodes import Path


class ScoreBound(Check):
    """Bounds of a score, whose path is in `field`."""

    def named(self) -> tuple[str, ...]:
        """See `Check`."""
        return () if self.field is None else (self.field,)


def _read_score(args: list[Arg], context: CheckContext) -> Taken:
    if not isinstance(args[0].follow().value, Path):
        raise Misshapen
    score = context.scores.named(args[0], own=context.step)
    return None if score is None else {"field": score}, 1


def _write_score(check: ScoreBound, page: Page) -> list[str]:
    return [page.path(check.field or "")]


def _read_comparison(args: list[Arg], context: CheckContext) -> Taken:
    return comparison(args[0], context.names.report), 1


def _in_range(check: ScoreBound, place: Place, context: CheckContext) -> bool:
    """Whether the bounds lie in the score's range; reported where they do not."""
    fine = True
    for side, bound in (("minimum", check.minimum), ("maximum", check.maximum)):
        if bound is not None and check.field is not None:
            over = side if side in check.exclusive else ""
            report = context.names.report
            fine = check_bound(check.field, bound, place, context.scores, report, over=over) and fine
    return fine


KIND = CheckKind(
    "score",
    "score STEP.ASPECT >= N",
    (Argument(_read_score, _write_score, is_field=True), Argument(_read_comparison, write_comparison)),
    review=_in_range,
    model=ScoreBound,
)
