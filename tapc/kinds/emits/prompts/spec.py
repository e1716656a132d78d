"""`emit prompts` between spec and model."""

from tapc.semantics.lower.emit_fields import TEXTS
from tapc.semantics.registry import EmitKind

KIND = EmitKind("prompts", TEXTS)
