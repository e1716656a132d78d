"""The lines of a spec while they are written, in the canonical layout, each with the place it comes from."""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from tapc.semantics.report import Place
from tapc.syntax import fits_block, lexemes, quote, write_name

if TYPE_CHECKING:
    from collections.abc import Generator

WIDTH = 120
_STEP = "  "
_MAX_DIGITS = 30


class Line(msgspec.Struct, frozen=True):
    """One line of the composed spec.

    Attributes:
        text: without its end.
        origin: None for lines that stand nowhere, such as closing brackets and defaults that are spelled out.
        tail: whether a comment may follow on the line; not inside a text block.
    """

    text: str
    origin: Place | None
    tail: bool = True


class Page:
    """Collects lines.

    Args:
        origins: IR path to its place; see `Report.origins`.
        names: names of the dataset's steps, so that a path through one whose own name has dots is not taken apart.
    """

    def __init__(self, origins: Mapping[str, Place], names: Iterable[str] = ()) -> None:
        self.lines: list[Line] = []
        self._origins = origins
        self._names = frozenset(names)
        self._depth = 0

    def origin(self, path: str) -> Place | None:
        """Where a part of the IR stands."""
        return self._origins.get(path)

    def gap(self) -> None:
        """An empty line, unless there is one or a block has just opened."""
        if self.lines and self.lines[-1].text and not self.lines[-1].text.endswith("{"):
            self.lines.append(Line("", None))

    def put(self, text: str, path: str = "") -> None:
        """One statement on one line; a list that makes it too long is broken over several."""
        origin, pad = self._origins.get(path), _STEP * self._depth
        if len(pad + text) > WIDTH and "[" in text:
            head, items, tail = _first_list(text)
            inner = [f"{pad}{_STEP}{item}," for item in items]
            lines = [f"{pad}{head}", *inner[:-1], inner[-1][:-1], f"{pad}{tail}"] if items else [pad + text]
            self.lines += [Line(line, origin) for line in lines]
        else:
            self.lines.append(Line(pad + text, origin))

    @contextmanager
    def block(self, head: str, path: str = "") -> "Generator[None]":
        """`head { … }`; lines added inside are in the block."""
        self.put(f"{head} {{", path)
        self._depth += 1
        yield
        self._depth -= 1
        self.lines.append(Line(_STEP * self._depth + "}", None))

    def text(self, head: str, text: str, path: str = "") -> None:
        """`head "…"`, as a text block where it has several lines."""
        self._text(head, text, "", path)

    @contextmanager
    def text_block(self, head: str, text: str, path: str = "") -> "Generator[None]":
        """`head "…" { … }`."""
        self._text(head, text, " {", path)
        self._depth += 1
        yield
        self._depth -= 1
        self.lines.append(Line(_STEP * self._depth + "}", None))

    def _text(self, head: str, text: str, end: str, path: str) -> None:
        if "\n" not in text or not fits_block(text):
            self.put(f"{head} {quote(text)}{end}", path)
            return
        origin, pad, inner = self._origins.get(path), _STEP * self._depth, _STEP * (self._depth + 1)
        self.lines.append(Line(f'{pad}{head} """', origin, tail=False))
        self.lines += [Line(inner + line if line else "", origin, tail=False) for line in text.split("\n")]
        self.lines.append(Line(f'{inner}"""{end}', origin))

    def listed(self, head: str, parts: Iterable[str], path: str = "") -> None:
        """`head part` for one, `head [a, b]` for several."""
        found = list(parts)
        self.put(f"{head} {found[0]}" if len(found) == 1 else f"{head} [{', '.join(found)}]", path)

    def names(self, head: str, names: Iterable[str], path: str) -> None:
        """One name, or a list of them."""
        self.listed(head, map(write_name, names), path)

    def numbers(self, given: object, path: str, **defaults: int | None) -> None:
        """Numbers among the fields of an object that differ from their defaults."""
        for name, default in defaults.items():
            value = getattr(given, name)
            if value != default:
                self.put(f"{name} {value}", f"{path}.{name}")

    def path(self, text: str) -> str:
        """A path such as `verdict.overall` as it is written."""
        parts = text.split(".")
        own = next((n for n in range(len(parts), 1, -1) if ".".join(parts[:n]) in self._names), 1)
        return ".".join(map(write_name, [".".join(parts[:own]), *parts[own:]]))


def _first_list(text: str) -> tuple[str, list[str], str]:
    """A statement up to the opening bracket of its first list, the list's items, and the rest; no items without one."""
    cuts: list[int] = []
    depth = 0
    for token in lexemes(text):
        depth -= token.kind == "close"
        ends = token.text == "]" and not depth and bool(cuts)
        if (token.text == "[" and not depth and not cuts) or (token.text == "," and depth == 1) or ends:
            cuts.append(token.span.start)
        if ends:
            items = [text[left + 1 : right].strip() for left, right in pairwise(cuts)]
            return text[: cuts[0] + 1], items, text[cuts[-1] :]
        depth += token.kind == "open"
    return "", [], ""


def field(dotted: str) -> str:
    """A field of a structure, which is read as one text however it is written."""
    parts = dotted.split(".")
    return dotted if all(write_name(part) == part for part in parts) else quote(dotted)


def number(value: Fraction | float) -> str:
    """An exact decimal; every number of a spec is one."""
    exact = value if isinstance(value, Fraction) else Fraction(repr(value) if isinstance(value, float) else value)
    digits = 0
    while (exact * 10**digits).denominator != 1:
        digits += 1
    whole = abs(int(exact * 10**digits))
    sign = "-" if exact < 0 else ""
    if not digits:
        scaled = len(str(whole)) > _MAX_DIGITS and not whole % 10**9
        return f"{sign}{whole // 10**9}G" if scaled else f"{sign}{whole}"
    text = f"{whole:0{digits + 1}d}"
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def percent(value: Fraction) -> str:
    """A share of 1."""
    return f"{number(value * 100)}%"
