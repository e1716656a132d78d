"""Limits on templates, checked on tokens before they reach Jinja's recursive parser."""

from tapc.templates.tokens import Token, Tokens

MAX_CHARACTERS = 200_000
MAX_TAGS = 2_000
MAX_TOKENS_IN_TAG = 250
MAX_BRACKETS = 16
MAX_NESTED_TAGS = 16
MAX_NESTED_LOOPS = 2


def over_limit(tokens: Tokens) -> tuple[str, int, int] | None:
    """The first limit that a template exceeds: message and range."""
    meter = _Meter()
    for token in tokens.items:
        if token.tag < 0 or token.kind == "whitespace":
            continue
        message = meter.pass_by(token, tokens.items[token.tag].kind)
        if message is not None:
            return message, *tokens.tag_range(token.tag)
    return None


class _Meter:
    """Counts along the tokens."""

    def __init__(self) -> None:
        self._tags = 0
        self._tag = -1
        self._in_tag = 0
        self._brackets = 0
        self._opened: list[str] = []

    def pass_by(self, token: Token, opening: str) -> str | None:
        """Count a token; returns the limit that it exceeds, in words."""
        if token.tag != self._tag:
            self._tag, self._in_tag, self._brackets = token.tag, 0, 0
            self._tags += 1
        self._in_tag += 1
        if token.kind == "operator":
            self._brackets += (token.value in "([{") - (token.value in ")]}")
        if token.kind == "name" and opening == "block_begin" and self._in_tag == 2:
            self._nest(token.value)
        for count, most, what in (
            (self._tags, MAX_TAGS, "holes and tags in one template"),
            (self._in_tag, MAX_TOKENS_IN_TAG, "words in one hole or tag"),
            (self._brackets, MAX_BRACKETS, "nested brackets"),
            (len(self._opened), MAX_NESTED_TAGS, "nested tags"),
            (self._opened.count("for"), MAX_NESTED_LOOPS, "nested loops"),
        ):
            if count > most:
                return f"more than {most:,} {what}"
        return None

    def _nest(self, word: str) -> None:
        if word in ("if", "for"):
            self._opened.append(word)
        elif word in ("endif", "endfor") and self._opened:
            self._opened.pop()
