"""How a change of a statement reads: `60% → 48%`, `+ second`, `Write [-one-]{+two+} questions`.

`worded` gives pieces, which the terminal colors, Markdown marks with tags, and `plain` joins for pipes and messages.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

import msgspec

from tapc.syntax import Lexeme, lexemes, unquote

CONTEXT = 6
"""Words of a text that are shown around each place where it changed."""

_LONGEST = 60
"""Words of a text that are shown where all of it was added or removed."""

_WORD = re.compile(r"\s+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")
"""Blanks, words and marks; scripts without blanks between words by character."""

_MOST = 4_000_000
"""Most pairs of words that are compared; longer texts are shown as replaced from their first to their last change."""

_ELLIPSIS = "…"

PieceKind = Literal["same", "before", "after", "deleted", "inserted"]


class Piece(msgspec.Struct, frozen=True):
    """A part of what is shown of a change.

    Attributes:
        kind: `before` and `after` are values with an arrow between them; `deleted` and `inserted` are words of one
            text; `same` is what both have, and what is said around them.
        text: as it is shown, on one line.
    """

    kind: PieceKind
    text: str


def worded(before: str | None, after: str | None, default: str = "", *, reordered: bool = False) -> list[Piece]:
    """A change of what a spec says behind a name.

    Args:
        before: the earlier words; None if there was nothing.
        after: the later ones.
        default: what holds where there is nothing.
        reordered: whether both are names in another order.
    """
    if reordered and before and after:
        return [Piece("same", "order "), *_arrow(before, after)]
    if before is None or after is None:
        return _one_sided(before, after, default)
    old, new = lexemes(before), lexemes(after)
    texts = [[token.text for token in side] for side in (old, new)]
    if _is_list(old) and _is_list(new) and sorted(texts[0]) != sorted(texts[1]):
        return _items(before, after)
    if any(token.kind == "string" for token in (*_differing(old, new), *_differing(new, old))):
        return word_diff(_unquoted(before, old), _unquoted(after, new))
    start, end = _common(texts[0], texts[1])
    if any(token.kind == "close" for token in old[len(old) - end :]):
        end = 0
    start = _from_keyword(old, new, start)
    shown = [_between(text, side, start, len(side) - end) for text, side in ((before, old), (after, new))]
    keyword = old[start - 1].text if start and not old[start - 1].text.startswith(tuple("-$0123456789")) else ""
    rest = before[old[-end].span.start :] if end and all(token.kind == "word" for token in old[-end:]) else ""
    if not shown[0] or not shown[1]:
        return _one_sided(shown[0] or None, shown[1] or None, "")
    pieces = _arrow(*shown)
    around = Piece("same", f"{keyword} ".lstrip()), Piece("same", f" {rest}".rstrip())
    return [piece for piece in (around[0], *pieces, around[1]) if piece.text]


def name_of(owner: str, field: str) -> str:
    """The name of a statement in the words of a spec: `samples`, `language.en`, `writer.price.input`, `emit sft.from`.

    Args:
        owner: a declaration, such as `endpoint writer`, or `dataset`.
        field: names from it to the statement.
    """
    kind, _, name = owner.partition(" ")
    if field == "name":
        return kind
    if not field or kind in ("when", "exclude", "moved", "expect"):
        return f"{owner} {field}".rstrip()
    if owner == "dataset":
        return field
    return f"{owner if kind in ('emit', 'rubric') else name or owner}.{field}"


def _one_sided(before: str | None, after: str | None, default: str) -> list[Piece]:
    """Something that was added or removed."""
    if default and (before or after):
        return _arrow(before or f"{default} (default)", after or f"{default} (default)")
    word, kind = ("added", "after") if before is None else ("removed", "before")
    text = (after if before is None else before) or ""
    tokens = lexemes(text)
    bare = _unquoted(text, tokens)
    shown = _shortened(" ".join(bare.split()) if any(map(str.isalnum, bare)) else text)
    return [Piece("same", f"{word}: " if shown else word), *([Piece(kind, shown)] if shown else [])]


def _arrow(before: str, after: str) -> list[Piece]:
    return [Piece("before", before), Piece("same", " → "), Piece("after", after)]


def _is_list(tokens: Sequence[Lexeme]) -> bool:
    """Whether it is a list, or an item such as `answer` or `verdict.overall`."""
    if tokens and tokens[0].text == "[":
        return tokens[-1].text == "]"
    return all(token.kind in ("word", "string") or token.text == "." for token in tokens) and (
        len(tokens) == 1 or any(token.text == "." for token in tokens)
    )


def _items(before: str, after: str) -> list[Piece]:
    """Items that were removed and added."""
    old, new = _split(before), _split(after)
    if len(old) == len(new) == 1:
        if old[0].startswith('"') and new[0].startswith('"'):
            return word_diff(_unquoted(old[0], lexemes(old[0])), _unquoted(new[0], lexemes(new[0])))
        return _arrow(before, after)
    gone = [Piece("before", f"− {item}") for item in old if item not in new]
    come = [Piece("after", f"+ {item}") for item in new if item not in old]
    found: list[Piece] = []
    for piece in (*gone, *come):
        found += [*([Piece("same", "  ")] if found else []), piece]
    return found or _arrow(before, after)  # the same item, more or less often


def _split(text: str) -> list[str]:
    """The items of a list, or the one item."""
    tokens = lexemes(text)
    if tokens[0].text != "[":
        return [text]
    depth, cuts = 0, [tokens[0].span.start]
    for token in tokens[1:-1]:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.text == "," and not depth:
            cuts.append(token.span.start)
    cuts.append(tokens[-1].span.start)
    return [item for left, right in pairwise(cuts) if (item := text[left + 1 : right].strip())]


def _differing(one: Sequence[Lexeme], other: Sequence[Lexeme]) -> list[Lexeme]:
    known = {token.text for token in other}
    return [token for token in one if token.text not in known]


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Lengths of what both begin and end with."""
    least = min(len(old), len(new))
    start = next((n for n in range(least) if old[n] != new[n]), least)
    end = next((n for n in range(least - start) if old[-1 - n] != new[-1 - n]), least - start)
    return start, end


def _from_keyword(old: Sequence[Lexeme], new: Sequence[Lexeme], start: int) -> int:
    """Where the difference begins, so that a mark such as `>=`, and what is around a dot, stays with it."""
    while start and (
        old[start - 1].kind != "word"
        or any(side[start : start + 1] and side[start].kind == "mark" for side in (old, new))
    ):
        start -= 1
    return start


def _between(text: str, tokens: Sequence[Lexeme], start: int, end: int) -> str:
    """The words of a text from one to another."""
    if start >= end:
        return ""
    return " ".join(text[tokens[start].span.start : tokens[end - 1].span.end].split())


def _unquoted(text: str, tokens: Sequence[Lexeme]) -> str:
    """A text without its quotes; other statements as they are written."""
    if len(tokens) == 1 and tokens[0].kind == "string":
        return unquote(tokens[0].text)
    return text


def word_diff(before: str, after: str, context: int = CONTEXT) -> list[Piece]:
    """Two texts as one, with the words that were deleted and inserted; what is far from any is left out."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = list(_joined(_operations(old, new)))
    last = len(pieces) - 1
    found: list[Piece] = []
    for n, (kind, words) in enumerate(pieces):
        if kind == "same":
            found.append(Piece("same", _near(words, context, first=not n, last=n == last)))
        else:
            found.append(Piece(kind, _shortened("".join(words).replace("\n", "\\n"))))
    return [piece for piece in found if piece.text]


def _operations(old: list[str], new: list[str]) -> Iterator[tuple[PieceKind, list[str]]]:
    start, end = _common(old, new)
    first, second = old[start : len(old) - end], new[start : len(new) - end]
    yield "same", old[:start]
    if len(first) * len(second) > _MOST:
        yield "deleted", first
        yield "inserted", second
    else:
        for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
            if tag == "equal":
                yield "same", first[a:b]
            else:
                yield "deleted", first[a:b]
                yield "inserted", second[c:d]
    yield "same", old[len(old) - end :]


def _joined(operations: Iterator[tuple[PieceKind, list[str]]]) -> Iterator[tuple[PieceKind, list[str]]]:
    """Neighboring changes as one, where nothing but a blank or a mark is between them."""
    gone: list[str] = []
    come: list[str] = []
    held: list[str] = []
    for kind, words in operations:
        if not words:
            continue
        if kind == "same":
            if (gone or come) and len(words) == 1 and not words[0].isalnum():
                held = words
                continue
            yield from _changes(gone, come)
            gone, come = [], []
            yield "same", [*held, *words]
            held = []
        else:
            gone, come, held = [*gone, *held], [*come, *held], []
            (gone if kind == "deleted" else come).extend(words)
    yield from _changes(gone, come)
    if held:
        yield "same", held


def _changes(gone: list[str], come: list[str]) -> Iterator[tuple[PieceKind, list[str]]]:
    if gone:
        yield "deleted", gone
    if come:
        yield "inserted", come


def _near(words: list[str], context: int, *, first: bool, last: bool) -> str:
    """The words next to a change on either side."""
    real = [n for n, word in enumerate(words) if not word.isspace()]
    if first and last:
        return " ".join("".join(words).split())
    head, tail = (0 if first else context), (0 if last else context)
    if len(real) <= head + tail + 2:
        text = "".join(words)
    else:
        begin = "".join(words[: real[head - 1] + 1]) if head else ""
        rest = "".join(words[real[-tail] :]) if tail else ""
        text = f"{begin} {_ELLIPSIS} {rest}" if begin and rest else f"{begin}{_ELLIPSIS}{rest}"
    return re.sub(r"\s+", " ", text)


def _shortened(text: str) -> str:
    """The first words of a long text."""
    words = text.split(" ")
    return text if len(words) <= _LONGEST else " ".join(words[:_LONGEST]) + f" {_ELLIPSIS} ({len(words):,} words)"


def plain(pieces: Sequence[Piece]) -> str:
    """Pieces as one line; words that were deleted and inserted have marks around them."""
    return "".join(marked(piece) for piece in pieces)


def marked(piece: Piece) -> str:
    """The text of a piece with the marks that stand for its color."""
    if piece.kind == "deleted":
        return f"[-{piece.text}-]"
    return f"{{+{piece.text}+}}" if piece.kind == "inserted" else piece.text
