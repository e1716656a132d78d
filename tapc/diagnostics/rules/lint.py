"""TAP6xx: legal but probably not meant."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
