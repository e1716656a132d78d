"""Expectations that do not hold, as findings at their places in the spec."""

from collections.abc import Iterable, Mapping

from tapc.diagnostics import Diagnostic, rule
from tapc.outputs import ExpectationEntry
from tapc.plan import ExpectationPlan
from tapc.semantics import Place

Found = ExpectationPlan | ExpectationEntry
"""An expectation as a plan or a run found it."""

_CODE = "TAP453"


def expectation_findings(found: Iterable[Found], origins: Mapping[str, Place]) -> list[Diagnostic]:
    """One error per expectation that does not hold, with its figure.

    Args:
        found: expectations as plans and runs found them.
        origins: places of the spec's parts, see `tapc.semantics.Report`.
    """
    return [_finding(one, origins) for one in found if one.holds is False]


def _finding(one: Found, origins: Mapping[str, Place]) -> Diagnostic:
    place = origins.get(f"expect.{one.expectation}", origins.get("expect"))
    of = f" ({one.where})" if one.where else ""
    message = f"`{one.expectation}` does not hold: {one.shown}{of}"
    return Diagnostic(_CODE, rule(_CODE).severity, message, () if place is None else (place.label(),))
