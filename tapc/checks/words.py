"""Words and shingles across writing systems."""

import regex

_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")
"""Letters of writing systems that do not put spaces between words."""

_TOKEN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]\p{M}*|[\p{L}\p{N}\p{M}'’]+"
)
"""A letter of an unspaced writing system, or a run of letters and digits of the others."""


def count_words(text: str) -> int:
    """Words of a text; letters of unspaced writing systems count half a word each, rounded up."""
    if text.isascii():
        return len(text.split())
    letters = len(_UNSPACED.findall(text))
    if not letters:
        return len(text.split())
    rest = _UNSPACED.sub(" ", text).split()
    return (letters + 1) // 2 + sum(1 for word in rest if any(map(str.isalnum, word)))


def tokens_of(text: str) -> list[str]:
    """Case-folded words, or single letters where words are not spaced; punctuation is dropped."""
    return _TOKEN.findall(text.casefold())


def is_unspaced(tokens: list[str]) -> bool:
    """Whether most tokens are letters of unspaced writing systems."""
    return 2 * sum(1 for token in tokens if token[0] > "\u0e00" and _UNSPACED.match(token)) > len(tokens)
