"""Writes content as text of a spec: strings and names, and whether it fits into a text block."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from tapc.syntax.problem import Refused
from tapc.syntax.reserved import RESERVED, one_letter_away
from tapc.syntax.strings import unescape
from tapc.syntax.words import MAX_WORD, check_name

_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_JOINERS = "\u200c\u200d"
"""Invisible characters that join or separate letters of Persian, Hindi, Sinhala and others: never escaped."""
_WORDS = frozenset({"in", "and", "as", "when"})
"""Words that are read as part of a condition, or of what follows it."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\"\\]|[^\x00-\x7f]")


@cache
def _foreign() -> re.Pattern[str]:
    """A name with letters of any script, as NAME in the grammar; compiled on first use."""
    first, inner = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]", r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
    return re.compile(rf"{first}{inner}*(?:-{inner}+)*")


def quote(text: str) -> str:
    """A string literal with exactly this content; invisible characters and those not allowed in a spec are escaped."""
    if not _ODD.search(text):
        return f'"{text}"'
    normal = unicodedata.is_normalized("NFC", f'"{text}"')
    return '"' + "".join(_SHORT.get(c) or (c if _shows(c, normal=normal) else f"\\u{{{ord(c):X}}}") for c in text) + '"'


def _shows(char: str, *, normal: bool) -> bool:
    if " " <= char <= "~" or char in _JOINERS:
        return True
    # In a text that is not in the normal form NFC, every letter beyond ASCII is escaped, or the parser would reject it.
    return normal and unicodedata.category(char) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def unquote(literal: str) -> str:
    """The content of a string literal that `quote` wrote."""
    return unescape(literal[1:-1], 0)


def is_name(text: str) -> bool:
    """Whether a text needs no quotes where a name is expected."""
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
    """A name, quoted only if necessary."""
    return name if is_name(name) else quote(name)


def write_path(names: Iterable[str]) -> str:
    """Names joined by dots; those that a condition reads as a word of the language are quoted too."""
    return ".".join(quote(name) if name in _WORDS else write_name(name) for name in names)


def write_entry(name: str) -> str:
    """A name at the head of an entry, also quoted if it is a reserved word, or nearly one."""
    return quote(name) if name in RESERVED or one_letter_away(name) else write_name(name)


def fits_block(text: str) -> bool:
    """Whether a text fits into a raw text block: no quotes that would end it, nothing that needs an escape."""
    if '"""' in text or not unicodedata.is_normalized("NFC", text):
        return False
    return all(c in "\n\t" or _shows(c, normal=True) for c in text)
