"""From a path to a checked dataset, with the shipped kinds of steps, checks and emits.

`compile_spec` reads, composes, checks and lowers a spec by the machinery of `tapc.semantics`: its result holds the IR,
the findings, and the files it was read from. It takes a registry of kinds as an argument, so that a test can bring its
own. It also finds keys of providers that were written into a spec. `tapc.frontend.show` writes a dataset as a spec
again, and `tapc.frontend.reference` the reference of the language; few commands need them, so they are imported by
their own names.

Start reading in `compiling.py`. Imports `tapc.kinds.declared` and what is below it, never what runs a kind, since
`tapc check` loads this package and nothing heavier.
"""

from tapc.frontend.compiling import Compiled, Part, compile_spec

__all__ = ["Compiled", "Part", "compile_spec"]
