"""Words that are names only in quotes."""

RESERVED = (
    "import", "param", "when", "exclude", "count", "at_least", "at_most", "title", "definition", "example", "note",
    "only", "except", "from", "columns", "levels",
)  # fmt: skip
_BY_LENGTH = {
    length: tuple(word for word in RESERVED if abs(len(word) - length) <= 1)
    for length in range(3, max(map(len, RESERVED)) + 2)
}


def one_letter_away(word: str) -> str | None:
    """The reserved word at Levenshtein distance 1, if any."""
    for known in _BY_LENGTH.get(len(word), ()):
        # One edit keeps the first or the last letter, which rules out most words quickly.
        if (word[0] == known[0] or word[-1] == known[-1]) and _one_edit(word, known):
            return known
    return None


def _one_edit(a: str, b: str) -> bool:
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    same = 0
    while same < len(a) and a[same] == b[same]:
        same += 1
    return a[same + (len(a) == len(b)) :] == b[same + 1 :]
