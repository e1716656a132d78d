"""TAP2xx: taxonomy, mixes, shares, conditions."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
