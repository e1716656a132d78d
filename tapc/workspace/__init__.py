"""Check this, plan that, run it: the one door for the command line.

Planning and running are modules of their own, `tapc.workspace.plan.document` and `tapc.workspace.run.execution`, since
`tapc check` must not pay for importing them.
"""

from tapc.workspace.schemas import SCHEMAS, document_schema
from tapc.workspace.spec.overrides import OverrideError, apply_overrides

__all__ = ["SCHEMAS", "OverrideError", "apply_overrides", "document_schema"]
