"""`require no_refusal`."""

from tapc.semantics.lower.arguments import CheckKind

KIND = CheckKind("no_refusal", "no_refusal")
