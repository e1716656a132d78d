"""Compiling checks: one entry a check."""

from collections.abc import Callable

from tapc.checks.bound import ScoreCheck
from tapc.checks.contamination import CleanCheck
from tapc.checks.face import CandidateCheck, CheckTools, MemoryCheck
from tapc.checks.json_text import JsonCheck
from tapc.checks.language import LanguageCheck
from tapc.checks.length import LengthCheck
from tapc.checks.pattern import PatternCheck
from tapc.checks.refusal import RefusalCheck
from tapc.checks.unique import UniqueCheck
from tapc.ir import Check

Compiled = CandidateCheck | MemoryCheck


_COMPILERS: dict[str, Callable[[Check, CheckTools], Compiled]] = {
    "clean_of": lambda check, tools: CleanCheck(check, tools.texts),
    "json": lambda check, _: JsonCheck(check),
    "language": LanguageCheck,
    "length": lambda check, _: LengthCheck(check),
    "matches": lambda check, _: PatternCheck(check),
    "no_refusal": lambda check, _: RefusalCheck(check),
    "score": lambda check, _: ScoreCheck(check),
    "unique": lambda check, tools: UniqueCheck(check, tools.scratch),
}


def compile_check(check: Check, tools: CheckTools) -> Compiled:
    """Compile a check; a memory check starts with an empty memory.

    Args:
        check: from the IR; any but `run`, which is asked like an endpoint, by the steps.
        tools: what checks are lent.

    Raises:
        KeyError: no such check.
    """
    return _COMPILERS[check.check](check, tools)
