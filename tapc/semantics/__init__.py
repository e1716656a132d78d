"""What a syntax tree means: vocabulary, names, composition, checks, lowering to the IR."""

from tapc.semantics.compiling import Compiled, Part, compile_spec
from tapc.semantics.report import Place, Placed, Report
from tapc.semantics.show import Line, show

__all__ = ["Compiled", "Line", "Part", "Place", "Placed", "Report", "compile_spec", "show"]
