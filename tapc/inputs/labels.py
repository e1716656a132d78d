"""Matches the values of a `match` column with the values of an axis.

A label matches a value if both have the same canonical form: without white space around it, in the normal form NFC;
booleans in lower case, numbers by value (`1`, `1.0` and `1e0`), language tags as BCP 47 writes them. Case and spelling
are significant: a near miss is reported, not matched.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.inputs.bad import counted
from tapc.inputs.columns import ABSENT

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,40})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?")
"""Numbers as in JSON; `007` is a name."""
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,6}")
_WORD = 4
"""Fewest letters of a label with one typo: `da` is not nearly `de`."""
_KEPT = 50_000
"""Most cached labels."""


class Labels:
    """Labels of one axis.

    Attributes:
        names: names of all values, in the order in which slots number them.
    """

    def __init__(self, names: Iterable[str], by_label: Mapping[str, str], *, languages: Mapping[str, str] = {}) -> None:
        """Build it from values by label (names included), and from values by language tag."""
        self.names = tuple(names)
        self._exact = {plain(label): name for label, name in by_label.items()}
        self._by_form = _unique((form, name) for label, name in self._exact.items() if (form := _form(label)))
        self._languages = _unique((canonical, name) for tag, name in languages.items() if (canonical := _tag(tag)))
        self._likely = _unique((likely, name) for tag, name in languages.items() if (likely := _maximal(tag)))
        self._known: dict[str, str | None] = {}

    def value(self, label: object) -> str | None:
        """The value that a cell matches; None if there is none."""
        text = label if label.__class__ is str else spelled(label)
        if text is None:
            return None
        try:
            return self._known[text]  # type: ignore[index] - a text
        except KeyError:
            found = self._find(str(text))
        if len(self._known) < _KEPT:
            self._known[str(text)] = found
        return found

    def near(self, label: str) -> str | None:
        """The value that is nearly matched: other case, or one typo in a longer word."""
        folded = plain(label).casefold()
        same = next((name for known, name in self._exact.items() if known.casefold() == folded), None)
        if same is not None or self._languages or len(label) < _WORD:
            return same
        return did_you_mean(label, self.names)

    def _find(self, label: str) -> str | None:
        text = plain(label)
        found = self._exact.get(text)
        if found is None and (form := _form(text)):
            found = self._by_form.get(form)
        if found is None and self._languages and _TAG.fullmatch(text):
            found = self._languages.get(_tag(text) or "") or self._likely.get(_maximal(text) or "")
        return found


def plain(text: str) -> str:
    """A label in the normal form, with single spaces inside and none around."""
    if text.isascii() and "  " not in text:
        return text.strip()
    return " ".join(unicodedata.normalize("NFC", text).split())


def spelled(value: object) -> str | None:
    """A cell as JSON writes it; None if it is null or absent."""
    if value is None or value is ABSENT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, dict | list):
        try:
            return msgspec.json.encode(value, enc_hook=str).decode()
        except (RecursionError, UnicodeEncodeError):
            return "{…}" if isinstance(value, dict) else "[…]"
    return str(value)


def shown(value: Any) -> str:
    """A cell for messages: short, on one line, in quotes; null without quotes."""
    text = spelled(value)
    if text is None:
        return "null"
    cut = text if len(text) <= 40 else text[:39] + "…"
    return "'" + "".join(char if char.isprintable() else " " for char in cut) + "'"


def _form(text: str) -> str | None:
    """The canonical form of booleans and numbers; None for other values."""
    folded = text.lower()
    if folded in ("true", "false"):
        return folded
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return "0" if not number else str(number.normalize())


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by form; a form of two values matches neither."""
    found: dict[str, str | None] = {}
    for form, name in pairs:
        found[form] = name if found.get(form, name) == name else None
    return {form: name for form, name in found.items() if name is not None}


@lru_cache(1024)
def _tag(tag: str) -> str | None:
    """A language tag as BCP 47 writes it: `zh_hans` is `zh-Hans`, `iw` is `he`."""
    import langcodes  # noqa: PLC0415 - slow, and needed only for rows with languages

    try:
        return langcodes.standardize_tag(tag) if langcodes.tag_is_valid(tag) else None
    except ValueError:
        return None


@lru_cache(1024)
def _maximal(tag: str) -> str | None:
    """A tag with its most likely script and region (CLDR): `zh_CN` and `zh-Hans` are `zh-Hans-CN`."""
    import langcodes  # noqa: PLC0415 - the same

    canonical = _tag(tag)
    return None if canonical is None else langcodes.Language.get(canonical).maximize().to_tag()


_SHOWN_UNMATCHED = 3
_MOST_UNMATCHED = 10_000
"""Most distinct labels that are counted; a column of free texts would fill memory."""


class UnmatchedLabels:
    """Counts labels that match no value of one axis."""

    def __init__(self, axis: str, labels: Labels) -> None:
        self._axis = axis
        self._labels = labels
        self._seen: Counter[str] = Counter()
        self._others = 0

    def add(self, label: object) -> None:
        """Count one row."""
        text = shown(label)
        if text in self._seen or len(self._seen) < _MOST_UNMATCHED:
            self._seen[text] += 1
        else:
            self._others += 1

    def notes(self) -> tuple[str, ...]:
        """One sentence, if there are any."""
        total = self._seen.total() + self._others
        if not total:
            return ()
        what = f"to no value of `{self._axis}`, such as {', '.join(map(self._proposed, self._first()))}"
        return (counted(total, f"belongs {what}", f"belong {what}"),)

    def slips(self) -> tuple[str, ...]:
        """One sentence about near misses, if there are any: written in another case, or with a typo."""
        found = [(text, near) for text in self._first() if (near := self._near(text))]
        if not found:
            return ()
        pairs = ", ".join(f"{text} for `{near}`" for text, near in found)
        rows = sum(self._seen[text] for text, _ in found)
        return (
            counted(
                rows,
                f"has nearly a value of `{self._axis}`: {pairs}",
                f"have nearly a value of `{self._axis}`: {pairs}",
            ),
        )

    def _first(self) -> list[str]:
        return [text for text, _ in sorted(self._seen.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN_UNMATCHED]]

    def _near(self, text: str) -> str | None:
        return None if text == "null" else self._labels.near(text.strip("'"))

    def _proposed(self, text: str) -> str:
        near = self._near(text)
        return f"{text} (did you mean `{near}`?)" if near else text
