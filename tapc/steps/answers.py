"""Finding the answer in a text, and telling whether two answers are equal.

Numbers are equal by value, texts without case and spacing. Nothing is computed: `1/2` equals `0.5`, but `3 + 4` is a
text. Where neither is enough, answers are compared by a program.
"""

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import msgspec
import regex

from tapc.steps.results import Candidate

SECONDS = 0.25
"""Most time a pattern of the spec may take on one text; one that takes longer finds nothing."""

_NUMBER = regex.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40}|/0*[1-9][0-9]{0,20})?")
"""No exponents: `1e999999999` is a short way to fill the memory."""

_GROUPED = regex.compile(r"([+-]?[0-9]{1,3})((?:,[0-9]{3})+|(?:[ \u00a0\u202f][0-9]{3})+)(?![0-9])")
"""Digits in groups of three: `1,000` is a number, `1,2` are two."""

_IN_TEXT = regex.compile(
    r"(?<![\w.])[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[+-]?[0-9]+(?:\.[0-9]+|/[0-9]+)?"
)
_OPERAND = regex.compile(r"[\w)\]}]\Z")
"""What precedes a minus or plus that is an operator: `5-3` ends in 3."""

_BOXED = "\\boxed{"


def same(answer: str) -> str | Fraction:
    """What two answers have in common where they are equal."""
    plain = answer.strip().strip("$").rstrip(".").strip()
    number = _GROUPED.sub(lambda found: found[1] + regex.sub(r"\D", "", found[2]), plain)
    if _NUMBER.fullmatch(number):
        return Fraction(number)
    return " ".join(plain.casefold().split())


def boxed(text: str) -> str | None:
    r"""Content of the last `\boxed{…}` with balanced braces."""
    start = text.rfind(_BOXED)
    if start < 0:
        return None
    depth = 1
    for place in range(start + len(_BOXED), len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + len(_BOXED) : place].strip()
    return None


def last_number(text: str) -> str | None:
    """The last number of a text: `18` of "costs $18.", `1,250.50`, `-3`, `3/4`; of `5-3` it is `3`."""
    found = deque(_IN_TEXT.finditer(text), maxlen=1)
    if not found:
        return None
    number = found[0][0]
    return number[1:] if number[0] in "+-" and _OPERAND.search(text, 0, found[0].start()) else number


def tagged(text: str, name: str) -> str | None:
    """Content of the last `<NAME>…</NAME>`."""
    end = text.rfind(f"</{name}>")
    start = text.rfind(f"<{name}>", 0, max(end, 0))
    return None if end < 0 or start < 0 else text[start + len(name) + 2 : end].strip()


def extractor(kind: str, argument: str) -> Callable[[Candidate], str | None]:
    """What finds the answer of a candidate; None or an empty text where it has none.

    Args:
        kind: `boxed`, `last_number`, `tag`, `regex` or `field`.
        argument: name of the tag, the pattern, or the dotted path of the field.
    """
    match kind:
        case "boxed":
            return lambda candidate: boxed(candidate.text)
        case "last_number":
            return lambda candidate: last_number(candidate.text)
        case "tag":
            return lambda candidate: tagged(candidate.text, argument)
        case "field":
            return lambda candidate: _field(candidate, argument)
        case _:
            return _last_match(argument)


def _last_match(pattern: str) -> Callable[[Candidate], str | None]:
    compiled = regex.compile(pattern)

    def last(candidate: Candidate) -> str | None:
        try:
            found = deque(compiled.finditer(candidate.text, timeout=SECONDS), maxlen=1)
        except TimeoutError:
            return None
        return (found[0][1] if compiled.groups else found[0][0] or "").strip() if found else None

    return last


def _field(candidate: Candidate, path: str) -> str | None:
    value: Any = candidate.fields
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = cast("dict[str, Any]", value)[part]
    return value.strip() if isinstance(value, str) else msgspec.json.encode(value).decode()
