"""TAP0xx: text that does not parse."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
