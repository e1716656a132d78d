"""What is wrong with a spec, as values: a code, places, notes and fixes."""

from tapc.diagnostics.codes import Rule, rule, rules
from tapc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Severity, has_errors, in_order
from tapc.diagnostics.suggest import did_you_mean

__all__ = [
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Rule",
    "Severity",
    "did_you_mean",
    "has_errors",
    "in_order",
    "rule",
    "rules",
]
