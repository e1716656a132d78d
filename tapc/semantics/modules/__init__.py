"""Files, what they import and declare, and how a path of names is followed."""

from tapc.semantics.modules.allows import given_twice, read_allow
from tapc.semantics.modules.declare import declared_name
from tapc.semantics.modules.graph import ModuleGraph, RecordingLoader
from tapc.semantics.modules.lookup import Found, broken, explain_missing, find
from tapc.semantics.modules.module import LoadedModule
from tapc.semantics.modules.unused import report_unused, report_unused_declarations

__all__ = [
    "Found",
    "LoadedModule",
    "ModuleGraph",
    "RecordingLoader",
    "broken",
    "declared_name",
    "explain_missing",
    "find",
    "given_twice",
    "read_allow",
    "report_unused",
    "report_unused_declarations",
]
