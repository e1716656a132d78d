"""What a syntax tree means: vocabulary, names, composition, checks, lowering to the IR, and writing it as a spec again.

Kinds of steps, checks and emits are given to it in a `Registry`; `tapc.frontend` puts all of it together.
"""

from tapc.semantics.report import Place, Placed, Report

__all__ = ["Place", "Placed", "Report"]
