"""TAP3xx: prompts and their holes."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
