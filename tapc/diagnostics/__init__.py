"""What is wrong with a spec, as values: a code, places, notes and fixes."""

from tapc.diagnostics.codes import Rule, rule, rules
from tapc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Severity, has_errors, in_order
from tapc.diagnostics.fixes import apply_fixes
from tapc.diagnostics.formats import to_github, to_json, to_sarif
from tapc.diagnostics.suggest import did_you_mean

__all__ = [
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Rule",
    "Severity",
    "apply_fixes",
    "did_you_mean",
    "has_errors",
    "in_order",
    "rule",
    "rules",
    "to_github",
    "to_json",
    "to_sarif",
]
