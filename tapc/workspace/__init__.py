"""Check this, plan that, run it: the one door for the command line.

Planning and running are modules of their own, `tapc.workspace.planning` and `tapc.workspace.running`, since
`tapc check` must not pay for importing them.
"""

from tapc.workspace.documents import SCHEMAS, document_schema
from tapc.workspace.overrides import OverrideError, apply_overrides

__all__ = ["SCHEMAS", "OverrideError", "apply_overrides", "document_schema"]
