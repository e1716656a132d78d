"""Templates with simple expressions only, as most are: checked without loading Jinja.

The accepted templates are a subset of those that the full check accepts, with the same result; all others, wrong or
merely more complex, are left to it.
"""

import re

from tapc.templates.scope import TemplateScope

_HOLE = re.compile(r"(?<!\{)\{\{[ \t]*(?!\d)([^\W\d]\w*(?:\.[^\W\d]\w*)*)[ \t]*\}\}")
_OPENER = re.compile(r"\{[{%#]")
_WORDS = frozenset(
    {
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "for",
        "endfor",
        "endif",
        "recursive",
        "loop",
        "self",
        "super",
        "caller",
        "varargs",
        "kwargs",
        "import",
        "include",
        "from",
        "block",
        "extends",
        "macro",
        "call",
        "filter",
        "set",
        "raw",
        "with",
    }
)
"""Words with a meaning in Jinja; templates with such a name are left to the full check."""

MAX_HOLES = 200
MAX_PARTS = 8


def plain_reads(text: str, scope: TemplateScope) -> tuple[str, ...] | None:
    """The names that a correct, simple template reads, sorted; None if the full check is needed."""
    holes = _HOLE.findall(text)
    if len(holes) > MAX_HOLES or _OPENER.search(_HOLE.sub("", text)):
        return None
    return tuple(sorted({hole.split(".", 1)[0] for hole in holes})) if all(_exists(h, scope) for h in holes) else None


def _exists(hole: str, scope: TemplateScope) -> bool:
    first, *rest = hole.split(".")
    kind = scope.names.get(first)
    if (
        kind is None
        or len(rest) > MAX_PARTS
        or not all(part.isidentifier() and part not in _WORDS for part in (first, *rest))
    ):
        return False
    for part in rest:
        attribute = kind.attributes.get(part)
        if attribute is None or attribute.missing:
            return False
        kind = attribute.kind
    return True
