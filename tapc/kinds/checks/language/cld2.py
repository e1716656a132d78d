"""CLD2 behind types."""

from functools import cache
from importlib import import_module
from typing import Any

import msgspec


class Detected(msgspec.Struct, frozen=True):
    """What CLD2 found.

    Attributes:
        shares: (code, percent of the text) of up to three languages it recognized, the largest first.
        scores: how well the text fits each of them, by code.
    """

    shares: tuple[tuple[str, int], ...]
    scores: dict[str, float]


def detect(text: str, hint: str | None = None) -> Detected:
    """Identify the languages of a text; nothing is recognized if it is not a text.

    Args:
        text: prose.
        hint: code of the language it is likely in, which tips the balance where the text does not.
    """
    cld2 = _library()
    try:
        _, _, found = cld2.detect(text, bestEffort=True, hintLanguage=hint)
    except cld2.error:
        return Detected((), {})
    known = [(code, percent, score) for _, code, percent, score in found if code != "un"]
    return Detected(tuple((code, percent) for code, percent, _ in known), {code: score for code, _, score in known})


@cache
def known_codes() -> frozenset[str]:
    """Codes of all languages it can find."""
    cld2 = _library()
    detected = frozenset(cld2.DETECTED_LANGUAGES)
    return frozenset(code for name, code in cld2.LANGUAGES if name in detected)


def _library() -> Any:
    # two megabytes of tables without type stubs, for those specs that check languages
    return import_module("pycld2")
