"""TAP8xx: saved plans, locks, stores."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = ()
