"""`require json`."""

from tapc.semantics.lower.arguments import CheckKind

KIND = CheckKind("json", "json")
