"""How unlikely a text is to occur by chance: decides which values count as secrets wherever they occur."""

import math
import re

_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{6,}")
"""A run of letters that reads like a word."""

_BITS_PER_WORD_LETTER = 2.0
"""Bits per letter inside a word. Shannon (1951) found 0.6 to 1.3 bits per letter in long English texts; names and short
words carry somewhat more."""

_SEPARATORS = " -_.:/"

_RUN = re.compile(r"[A-Za-z0-9]{12,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def strength(text: str) -> float:
    """The most bits of information in a text.

    Words count 2 bits per letter (fewer if they repeat letters), a separator 1 bit, the rest as if each of its
    characters was drawn from the different characters of the text.
    """
    bits, left = 0.0, len(text)
    for word in _WORD.findall(text):
        bits += len(word) * min(_BITS_PER_WORD_LETTER, math.log2(len(set(word))))
        left -= len(word)
    separators = sum(text.count(sign) for sign in _SEPARATORS)
    return bits + separators + math.log2(len(set(text)) or 1) * (left - separators)


def looks_random(text: str) -> bool:
    """Whether a part of a URL looks generated: a UUID, or a run of 12 letters and digits with at least two of each.

    Names of models, versions and deployments (`gpt-4o-mini-2024-07-18`) have no such run.
    """
    if _UUID.search(text):
        return True
    return any(
        sum(char.isdigit() for char in run) >= 2 and sum(char.isalpha() for char in run) >= 2
        for run in _RUN.findall(text)
    )
