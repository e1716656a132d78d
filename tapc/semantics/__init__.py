"""What a syntax tree means: vocabulary, names, composition, checks, lowering to the IR.

`tapc.semantics.show`, which writes a dataset as a spec again, is a face of its own: only one command needs it.
"""

from tapc.semantics.compiling import Compiled, Part, compile_spec
from tapc.semantics.report import Place, Placed, Report

__all__ = ["Compiled", "Part", "Place", "Placed", "Report", "compile_spec"]
