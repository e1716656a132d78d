"""TAP4xx: steps, endpoints, checks, outputs."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
