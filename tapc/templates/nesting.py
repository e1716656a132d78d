"""Expressions and tags that are never closed, and closing tags without an opening one.

Reported with our own messages, at the opening.
"""

from collections.abc import Iterator

from tapc.templates.finding import Finding
from tapc.templates.tokens import Token, Tokens

_ENDS = {
    "variable_begin": ("variable_end", "}}"),
    "block_begin": ("block_end", "%}"),
    "comment_begin": ("comment_end", "#}"),
}
_CLOSES = {"endif": "if", "endfor": "for"}


def unbalanced(tokens: Tokens) -> Iterator[Finding]:
    """The first opening without a closing, and the first closing without an opening."""
    opened: list[tuple[str, int]] = []
    for index, token in enumerate(tokens.items):
        if token.kind not in _ENDS:
            continue
        end, closer = _ENDS[token.kind]
        inside = _tag(tokens, index)
        if not any(t.kind == end for t in inside):
            start, stop = tokens.tag_range(index)
            message = f"`{token.value.strip()}` is never closed"
            yield Finding("TAP301", message, start, stop, (f"write `{closer}` where it ends",))
            return
        if token.kind == "block_begin":
            wrong = _nest(inside, index, opened, tokens)
            if wrong is not None:
                yield wrong
                return
    for word, index in opened:
        note = f"write `{{% end{word} %}}` where it ends"
        yield Finding("TAP301", f"this `{word}` is never closed", *tokens.tag_range(index), (note,))


def _tag(tokens: Tokens, index: int) -> list[Token]:
    """The tokens of the expression or tag that opens at an index."""
    end = index
    while end < len(tokens.items) and tokens.items[end].tag == index:
        end += 1
    return tokens.items[index:end]


def _nest(inside: list[Token], index: int, opened: list[tuple[str, int]], tokens: Tokens) -> Finding | None:
    word = next((t.value for t in inside if t.kind == "name"), "")
    innermost = opened[-1][0] if opened else ""
    if word in ("if", "for"):
        opened.append((word, index))
    elif word in _CLOSES:
        if innermost != _CLOSES[word]:
            return _stray(word, innermost, tokens.tag_range(index))
        opened.pop()
    elif (word == "elif" and innermost != "if") or (word == "else" and not innermost):
        return _stray(word, innermost, tokens.tag_range(index))
    return None


def _stray(word: str, innermost: str, place: tuple[int, int]) -> Finding:
    note = (
        f"`{{% end{innermost} %}}` comes first" if innermost else f"there is no open `{_CLOSES.get(word, 'if')}` here"
    )
    return Finding(
        "TAP301", f"`{word}` closes nothing" if word in _CLOSES else f"`{word}` belongs to no `if`", *place, (note,)
    )
