"""TAP7xx: tables and input rows."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
