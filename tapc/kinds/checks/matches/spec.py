"""`require [not] matches "regex"`."""

from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import (
    Argument,
    CheckContext,
    CheckKind,
    Taken,
    pattern_is_fine,
    quoted_text,
    write_pattern,
)


def _read_regex(args: list[Arg], context: CheckContext) -> Taken:
    text = quoted_text(args[0])
    return {"pattern": text} if pattern_is_fine(text, args[0].follow(), context.names.report) else None, 1


KIND = CheckKind("matches", 'matches "regex"', (Argument(_read_regex, write_pattern),), negatable=True)
