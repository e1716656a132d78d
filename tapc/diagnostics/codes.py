"""The register of rules: every code a diagnostic may carry.

Rules stand in one module per range under `rules/`; `TAP0xx` syntax, `1xx` names and modules, `2xx` sample space,
`3xx` templates, `4xx` steps, endpoints and checks, `5xx` budget and price, `6xx` lint, `7xx` input data,
`8xx` saved plans and stores, `9xx` environment and endpoints at run time.
"""

from functools import cache
from importlib import import_module

import msgspec

# Loaded with this module: later, the package would take the place of the function `rules` in the face above.
import tapc.diagnostics.rules as _package
from tapc.diagnostics.diagnostic import Severity

RANGES = ("syntax", "names", "space", "templates", "steps", "budget", "lint", "data", "stored", "environment")


class Rule(msgspec.Struct, frozen=True):
    """What a code stands for.

    Attributes:
        code: `TAP` and three digits; never reused.
        name: kebab-case, for people and for links.
        severity: of its findings.
        summary: one sentence.
        explanation: why it is wrong and what to do, one or two paragraphs, shown by `tapc explain`.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    explanation: str


def error(code: str, name: str, summary: str, explanation: str) -> Rule:
    """A rule whose findings stop everything."""
    return Rule(code, name, "error", summary, explanation)


def warning(code: str, name: str, summary: str, explanation: str) -> Rule:
    """A rule whose findings are told and stop nothing."""
    return Rule(code, name, "warning", summary, explanation)


@cache
def rules() -> dict[str, Rule]:
    """All rules by code, in order of code."""
    found: dict[str, Rule] = {}
    for name in RANGES:
        module = import_module(f"{_package.__name__}.{name}")
        for item in module.RULES:
            if item.code in found:
                raise ValueError(f"{item.code} is registered twice")
            found[item.code] = item
    return dict(sorted(found.items()))


def rule(code: str) -> Rule:
    """Look a code up.

    Raises:
        KeyError: no such code.
    """
    return rules()[code]
