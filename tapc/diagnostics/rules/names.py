"""TAP1xx: names, modules, vocabulary."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
