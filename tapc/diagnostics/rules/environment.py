"""TAP9xx: what a run meets outside the spec."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
