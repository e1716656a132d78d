"""What stands in a `match` column, against the values of an axis.

A label means a value if both are the same in their canonical form: without space around it, in the normal form NFC;
truth values in small letters, numbers by what they are worth (`1`, `1.0` and `1e0`), language tags as BCP 47 writes
them. Case and spelling say nothing else: what is nearly a value is told, not taken.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.inputs.columns import ABSENT

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,40})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?")
"""As JSON writes them; `007` is a name."""
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,6}")
_WORD = 4
"""Letters from which on one slip says something: `da` is not nearly `de`."""
_KEPT = 50_000
"""Labels whose meaning is remembered."""


class Labels:
    """Labels of one axis.

    Attributes:
        names: of all values, in the order slots count them.
    """

    def __init__(self, names: Iterable[str], by_label: Mapping[str, str], *, languages: Mapping[str, str] = {}) -> None:
        """Make it of values by label (names included), and of values by language tag."""
        self.names = tuple(names)
        self._exact = {plain(label): name for label, name in by_label.items()}
        self._by_form = _unique((form, name) for label, name in self._exact.items() if (form := _form(label)))
        self._languages = _unique((canonical, name) for tag, name in languages.items() if (canonical := _tag(tag)))
        self._likely = _unique((likely, name) for tag, name in languages.items() if (likely := _maximal(tag)))
        self._known: dict[str, str | None] = {}

    def value(self, label: object) -> str | None:
        """The value a cell means, None where it means none."""
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
        """The value that a label without a meaning is nearly: other case, or a slip in a longer word."""
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
    """A label in its normal form, with single spaces inside and none around."""
    if text.isascii() and "  " not in text:
        return text.strip()
    return " ".join(unicodedata.normalize("NFC", text).split())


def spelled(value: object) -> str | None:
    """A cell as JSON writes it; None for null and for what is absent."""
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
    """A cell for messages: short, on one line, in quotes; null as such."""
    text = spelled(value)
    if text is None:
        return "null"
    cut = text if len(text) <= 40 else text[:39] + "…"
    return "'" + "".join(char if char.isprintable() else " " for char in cut) + "'"


def _form(text: str) -> str | None:
    """What truth values and numbers are, however they are written; None for anything else."""
    folded = text.lower()
    if folded in ("true", "false"):
        return folded
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return "0" if not number else str(number.normalize())


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By form; a form that two values share means neither."""
    found: dict[str, str | None] = {}
    for form, name in pairs:
        found[form] = name if found.get(form, name) == name else None
    return {form: name for form, name in found.items() if name is not None}


@lru_cache(1024)
def _tag(tag: str) -> str | None:
    """A language tag as BCP 47 writes it: `zh_hans` is `zh-Hans`, `iw` is `he`."""
    import langcodes  # noqa: PLC0415 - slow, and only where languages stand in rows

    try:
        return langcodes.standardize_tag(tag) if langcodes.tag_is_valid(tag) else None
    except ValueError:
        return None


@lru_cache(1024)
def _maximal(tag: str) -> str | None:
    """A tag with the script and the region it most likely means (CLDR): `zh_CN` and `zh-Hans` are `zh-Hans-CN`."""
    import langcodes  # noqa: PLC0415 - the same

    canonical = _tag(tag)
    return None if canonical is None else langcodes.Language.get(canonical).maximize().to_tag()
