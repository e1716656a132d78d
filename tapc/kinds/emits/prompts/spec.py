"""`emit prompts` between spec and model."""

from tapc.semantics.registry import EmitKind

KIND = EmitKind("prompts", candidates=True)
