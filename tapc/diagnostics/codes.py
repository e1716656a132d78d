"""The register of rules: every code that a diagnostic may carry.

There is one module per range under `catalog/`: `TAP0xx` syntax, `1xx` names and modules, `2xx` sample space,
`3xx` templates, `4xx` steps, endpoints and checks, `5xx` budget and price, `6xx` lint, `7xx` input data,
`8xx` saved plans, stores and datasets, `9xx` environment and endpoints at run time.
"""

from functools import cache
from importlib import import_module

import msgspec

from tapc.diagnostics.diagnostic import Severity

RANGES = ("syntax", "names", "space", "templates", "steps", "budget", "lint", "data", "stored", "environment")


class Rule(msgspec.Struct, frozen=True):
    """The meaning of a code.

    Attributes:
        code: `TAP` and three digits; never reused.
        name: kebab-case, for people and for links.
        severity: severity of its findings.
        summary: one sentence.
        explanation: why it is wrong and what to do, in one or two paragraphs; shown by `tapc explain`.
        allowable: whether `allow` in a spec can silence its findings: `tapc check` or `tapc plan` warns of them.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    explanation: str
    allowable: bool = False


def error(code: str, name: str, summary: str, explanation: str) -> Rule:
    """Make a rule whose findings stop the command."""
    return Rule(code, name, "error", summary, explanation)


def warning(code: str, name: str, summary: str, explanation: str) -> Rule:
    """Make a rule whose findings are reported and stop nothing; a spec may allow them."""
    return Rule(code, name, "warning", summary, explanation, allowable=True)


def caution(code: str, name: str, summary: str, explanation: str) -> Rule:
    """Make a rule for warnings that are not about what a spec says, which it therefore cannot allow."""
    return Rule(code, name, "warning", summary, explanation)


@cache
def rules() -> dict[str, Rule]:
    """All rules by code, in order of code."""
    found: dict[str, Rule] = {}
    for name in RANGES:
        module = import_module(f"{'tapc.diagnostics.catalog'}.{name}")
        for item in module.RULES:
            if item.code in found:
                raise ValueError(f"{item.code} is registered twice")
            found[item.code] = item
    return dict(sorted(found.items()))


def rule(code: str) -> Rule:
    """Look up a code.

    Raises:
        KeyError: the code does not exist.
    """
    return rules()[code]
