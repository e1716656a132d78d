"""Content as the text of a spec: strings, names, and whether a text block can hold it."""

import re
import unicodedata
from functools import cache

from tapc.syntax.problem import Refused
from tapc.syntax.reserved import RESERVED, one_letter_away
from tapc.syntax.words import MAX_WORD, check_name

_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_JOINERS = "\u200c\u200d"
"""Invisible, but letters of Persian, Hindi, Sinhala and others are joined or parted by them: they stay as they are."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\"\\]|[^\x00-\x7f]")


@cache
def _foreign() -> re.Pattern[str]:
    """A name with letters of any script, as the grammar's NAME; compiled when the first one comes."""
    first, inner = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]", r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
    return re.compile(rf"{first}{inner}*(?:-{inner}+)*")


def quote(text: str) -> str:
    """A string literal with exactly this content; what cannot be seen, or may not stand in a spec, is escaped."""
    if not _ODD.search(text):
        return f'"{text}"'
    normal = unicodedata.is_normalized("NFC", f'"{text}"')
    return '"' + "".join(_SHORT.get(c) or (c if _shows(c, normal=normal) else f"\\u{{{ord(c):X}}}") for c in text) + '"'


def _shows(char: str, *, normal: bool) -> bool:
    if " " <= char <= "~" or char in _JOINERS:
        return True
    # In a text that is not in the normal form NFC every letter beyond ASCII is escaped, or reading would refuse it.
    return normal and unicodedata.category(char) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def is_name(text: str) -> bool:
    """Whether a text can stand without quotes where a name is expected."""
    if len(text) > MAX_WORD:
        return False
    if _PLAIN.fullmatch(text):
        return True
    if text.isascii() or not _foreign().fullmatch(text) or not unicodedata.is_normalized("NFC", text):
        return False
    try:
        check_name(text, 0)
    except Refused:
        return False
    return True


def write_name(name: str) -> str:
    """A name where something is named: quoted only where it has to be."""
    return name if is_name(name) else quote(name)


def write_entry(name: str) -> str:
    """A name at the head of an entry: quoted also where it is a reserved word, or nearly one."""
    return quote(name) if name in RESERVED or one_letter_away(name) else write_name(name)


def fits_block(text: str) -> bool:
    """Whether a raw text block can hold a text: no quotes that would end it, nothing that needs an escape."""
    if '"""' in text or not unicodedata.is_normalized("NFC", text):
        return False
    return all(c in "\n\t" or _shows(c, normal=True) for c in text)
