"""CLD2 behind types."""

from functools import cache
from importlib import import_module
from typing import Any

import msgspec


class Detected(msgspec.Struct, frozen=True):
    """What CLD2 found.

    Attributes:
        sure: its own word for it.
        shares: (code, percent of the text) of up to three languages it recognised, the largest first.
    """

    sure: bool
    shares: tuple[tuple[str, int], ...]


def detect(text: str, hint: str | None = None) -> Detected:
    """Identify the languages of a text; nothing is recognised in what is no text.

    Args:
        text: prose.
        hint: code of the language it is likely in, which tips the balance where the text does not.
    """
    cld2 = _library()
    try:
        sure, _, found = cld2.detect(text, bestEffort=True, hintLanguage=hint)
    except cld2.error:
        return Detected(sure=False, shares=())
    return Detected(sure, tuple((code, percent) for _, code, percent, _ in found if code != "un"))


@cache
def known_codes() -> frozenset[str]:
    """Codes of all languages it can find."""
    cld2 = _library()
    detected = frozenset(cld2.DETECTED_LANGUAGES)
    return frozenset(code for name, code in cld2.LANGUAGES if name in detected)


def _library() -> Any:
    # two megabytes of tables without type stubs, for those specs that check languages
    return import_module("pycld2")
