"""Compiling checks: each in the file of its name."""

from importlib import import_module

from tapc.checks.face import CandidateCheck, CheckTools, MemoryCheck
from tapc.ir import Check

Compiled = CandidateCheck | MemoryCheck


def compile_check(check: Check, tools: CheckTools) -> Compiled:
    """Compile a check; a memory check starts with an empty memory.

    Args:
        check: from the IR; any but one with a command, which is asked like an endpoint, by the steps. Its name is one
            of the vocabulary's, and so that of a file in this package, which has the check's class as `KIND`.
        tools: what checks are lent.
    """
    return import_module(f"tapc.checks.{check.check}").KIND(check, tools)
