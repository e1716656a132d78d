"""TAP5xx: budgets and prices."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
