"""Diagnostics: what is wrong with a spec, a file or a run, as values.

A `Diagnostic` has a code, a severity, a message, places in source files, notes and fixes. Phases return them next to
their result instead of raising. Every code is a `Rule` in the register (`codes.py`); the rules are in one module per
range under `catalog/`. `formats.py` writes findings as JSON, GitHub annotations and SARIF, `fixes.py` applies
fixes, and `suggest.py` finds "did you mean". The terminal output is in `tapc.ui`.

Start reading in `diagnostic.py`. To add a rule: add it to the module of its range (codes are never reused), and add a
bad and a good example to `grammar/examples`. A message says what is wrong; its note says what to do.

Imports `tapc.source` and `tapc.outside`.
"""

from tapc.diagnostics.codes import Rule, rule, rules
from tapc.diagnostics.diagnostic import Allow, Diagnostic, Edit, Fix, Label, Severity, has_errors, in_order
from tapc.diagnostics.fixes import apply_fixes, removal
from tapc.diagnostics.formats import to_github, to_json, to_sarif
from tapc.diagnostics.suggest import did_you_mean

__all__ = [
    "Allow",
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
    "removal",
    "rule",
    "rules",
    "to_github",
    "to_json",
    "to_sarif",
]
