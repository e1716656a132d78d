"""Compiling checks: one entry a check."""

from collections.abc import Callable

from tapc.checks.face import CandidateCheck, CheckTools, MemoryCheck
from tapc.checks.language import LanguageCheck
from tapc.checks.length import LengthCheck
from tapc.ir import Check

Compiled = CandidateCheck | MemoryCheck

_COMPILERS: dict[str, Callable[[Check, CheckTools], Compiled]] = {
    "language": LanguageCheck,
    "length": lambda check, _: LengthCheck(check),
}


def compile_check(check: Check, tools: CheckTools) -> Compiled:
    """Compile a check; a memory check starts with an empty memory.

    Args:
        check: from the IR.
        tools: what checks are lent.
    """
    return _COMPILERS[check.check](check, tools)
