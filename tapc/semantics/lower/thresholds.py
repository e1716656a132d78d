"""Bounds on scores, held against the range that a score is known to have: one outside of it decides nothing."""

from fractions import Fraction

from tapc.semantics.lower.scores import Scores
from tapc.semantics.report import Place, Report


def check_bound(path: str, bound: Fraction, place: Place, scores: Scores, report: Report, *, over: str = "") -> bool:
    """Whether a bound lies in a score's range; reported where it does not.

    Args:
        path: the score, as `Scores.named` gives it.
        bound: what it is compared with.
        place: where the bound stands.
        scores: knows the range.
        report: told.
        over: `minimum` where the score must be more than the bound, `maximum` where it must be less.
    """
    ends = scores.range_of(path)
    if ends is None:
        return True
    least, most = ends
    if least <= bound <= most and (over, bound) not in (("minimum", most), ("maximum", least)):
        return True
    if least <= bound <= most:
        told = f"nothing is {'more' if over == 'minimum' else 'less'} than {_shown(bound)}"
    else:
        told = f"{_shown(bound)} lies outside"
    message = f"`{path}` goes from {_shown(least)} to {_shown(most)}, and {told}"
    report.add("TAP447", message, place, notes=(f"write a number from {_shown(least)} to {_shown(most)}",))
    return False


def check_difference(path: str, bound: Fraction, place: Place, scores: Scores, report: Report) -> bool:
    """Whether two values of a score can differ by as much; reported where they cannot."""
    ends = scores.range_of(path)
    if ends is None or 0 <= bound <= ends[1] - ends[0]:
        return True
    width = _shown(ends[1] - ends[0])
    ends_shown = f"`{path}` goes from {_shown(ends[0])} to {_shown(ends[1])}"
    message = f"{ends_shown}, so two scores differ by at most {width}, and never by {_shown(bound)}"
    report.add("TAP447", message, place, notes=(f"write a margin from 0 to {width}",))
    return False


def _shown(value: Fraction) -> str:
    return f"{float(value):g}"
