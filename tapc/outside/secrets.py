"""Values that must never be written or shown, found in all usual encodings."""

import re
from collections.abc import Iterable

from tapc.outside.encodings import ROUNDS, any_escape, base64_cores, escapes_letters, fragment, needles, unescaped
from tapc.outside.strength import strength

MIN_BITS = 48.0
"""A value of at least so many bits does not occur by chance (see `strength`); weaker ones (`EMPTY`, `local-key`) do."""

_MIN_MASK = 6
_WITHHELD = "(withheld: it contains a secret)"


class Secrets:
    """Values from the environment. Their representation does not show them.

    Args:
        values: all values. Those of `MIN_BITS` are searched in all encodings, in everything that arrives or is written;
            those of six characters or more are masked in texts for people.
        masked: further texts to mask for people, which are too common to be searched elsewhere.
    """

    __slots__ = ("_leaks", "_masked", "_pattern", "_strong", "_tests")

    def __init__(self, values: Iterable[str], masked: Iterable[str] = ()) -> None:
        known = {value for value in values if value}
        self._strong: tuple[str, ...] = tuple(
            sorted((v for v in known if strength(v) >= MIN_BITS), key=len, reverse=True)
        )
        self._strong = tuple(v for v in self._strong if not any(part in v and part != v for part in self._strong))
        self._leaks = tuple(dict.fromkeys(needle for value in self._strong for needle in needles(value)))
        self._tests = tuple(dict.fromkeys(fragment(needle) for needle in self._leaks))
        every = (value for value in {*known, *masked} if len(value) >= _MIN_MASK)
        self._masked = tuple(sorted(every, key=len, reverse=True))
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Secrets({len(self._strong)})"

    def __bool__(self) -> bool:
        return bool(self._masked)

    def leaked(self, *texts: str) -> bool:
        """Whether a text contains one, in any encoding.

        Matches the value as it is, in other case, in base64 (of `user:key` too), in hexadecimal, or with escapes of
        JSON, URLs or HTML. Fast for texts without one: one pass per needle over the joined texts.
        """
        if not self._tests:
            return False
        whole = texts[0] if len(texts) == 1 else "\0".join(texts)
        return self.holds(whole.encode("utf-8", "surrogatepass"))

    def holds(self, data: bytes) -> bool:
        """`leaked` for UTF-8 bytes."""
        if not self._tests:
            return False
        lowered = data.lower()
        for test in self._tests:
            if test in lowered:
                break
        else:
            if not escapes_letters(lowered):
                return False
        return _found(data.decode("utf-8", "surrogatepass"), self._leaks)

    def mask(self, text: str) -> str:
        """A text for people with all values masked in all encodings; withheld as a whole if one cannot be masked."""
        if not self._masked:
            return text
        lowered = text.encode("utf-8", "surrogatepass").lower()
        tests = (*self._tests, *(fragment(value.lower()) for value in self._masked))
        if not escapes_letters(lowered) and not any(test in lowered for test in tests):
            return text
        if self._pattern is None:
            self._pattern = re.compile("|".join(self._patterns()))
        masked = self._pattern.sub("***", text)
        return _WITHHELD if self.leaked(masked) else masked

    def _patterns(self) -> Iterable[str]:
        strong = set(self._strong)
        for value in self._masked:
            yield "".join(any_escape(char, fold=value in strong) for char in value)
        for value in self._strong:
            raw = value.encode()
            yield rf"(?i:{raw.hex()})"
            for core in base64_cores(raw):
                signs = "".join(_SIGNS.get(char, char) for char in core)
                yield rf"(?:[\w+/=-]|%(?i:2b|2f|3d))*{signs}(?:[\w+/=-]|%(?i:2b|2f|3d))*"


_SIGNS = {"+": r"(?:\+|-|%2[bB]|\\u002[bB])", "/": r"(?:\\*/|_|%2[fF])"}


def _found(text: str, leaks: tuple[str, ...]) -> bool:
    for _ in range(ROUNDS):
        lowered = text.lower()
        if any(needle in lowered for needle in leaks):
            return True
        plain = unescaped(text)
        if plain == text:
            return False
        text = plain
    return False
