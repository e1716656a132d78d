"""Bounds on templates, checked on tokens before Jinja's recursive parser sees them."""

from tapc.templates.places import Tokens

MAX_CHARACTERS = 200_000
MAX_TAGS = 2_000
MAX_TOKENS_IN_TAG = 250
MAX_BRACKETS = 16
MAX_NESTED_TAGS = 16
MAX_NESTED_LOOPS = 2


def over_limit(tokens: Tokens) -> tuple[str, int, int] | None:
    """The first bound a template breaks: message and range."""
    tags: dict[int, int] = {}
    brackets = depth = loops = 0
    opened: list[str] = []
    for index, token in enumerate(tokens.items):
        if token.tag < 0 or token.kind == "whitespace":
            continue
        tags[token.tag] = tags.get(token.tag, 0) + 1
        if len(tags) > MAX_TAGS:
            return f"more than {MAX_TAGS:,} holes and tags in one template", *tokens.tag_range(token.tag)
        if tags[token.tag] > MAX_TOKENS_IN_TAG:
            return f"more than {MAX_TOKENS_IN_TAG} words in one hole or tag", *tokens.tag_range(token.tag)
        if token.kind == "operator":
            brackets += (token.value in "([{") - (token.value in ")]}")
            if brackets > MAX_BRACKETS:
                return f"brackets nested more than {MAX_BRACKETS} deep", *tokens.tag_range(token.tag)
        elif token.kind in ("variable_begin", "block_begin"):
            brackets = 0
        if token.kind == "name" and tokens.items[token.tag].kind == "block_begin" and tags[token.tag] == 2:
            _nest(opened, token.value)
            depth, loops = len(opened), opened.count("for")
            if depth > MAX_NESTED_TAGS:
                return f"tags nested more than {MAX_NESTED_TAGS} deep", *tokens.tag_range(tokens.items[index].tag)
            if loops > MAX_NESTED_LOOPS:
                return f"loops nested more than {MAX_NESTED_LOOPS} deep", *tokens.tag_range(tokens.items[index].tag)
    return None


def _nest(opened: list[str], word: str) -> None:
    if word in ("if", "for"):
        opened.append(word)
    elif word in ("endif", "endfor") and opened:
        opened.pop()
