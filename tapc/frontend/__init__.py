"""From a path to a checked dataset, with the shipped kinds of steps, checks and emits.

`compile_spec` reads, composes, checks and lowers a spec by the machinery of `tapc.semantics`. `tapc.frontend.show`
writes a dataset as a spec again, and `tapc.frontend.reference` the reference of the language; few commands need them,
so they are imported by their own names.
"""

from tapc.frontend.compiling import Compiled, Part, compile_spec

__all__ = ["Compiled", "Part", "compile_spec"]
