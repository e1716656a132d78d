"""The statements of a spec while they are written: lines in the canonical layout, each with its place, and a tree."""

from collections.abc import Iterable, Mapping, Sequence
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


class Written(msgspec.Struct):
    """One statement as it is written, apart from its layout.

    Attributes:
        head: the words that tell it from its siblings, such as `temperature`, `note style` or `endpoint writer`.
        value: what follows them on one line, such as `0.9`; the block, if it has one, is not in it.
        path: IR path, as for origins.
        parts: the statements in its block.
    """

    head: str
    value: str
    path: str
    parts: list["Written"]

    @property
    def text(self) -> str:
        """The whole statement without its block."""
        return f"{self.head} {self.value}".rstrip()


class Page:
    """Collects the lines of a spec, and the same statements as a tree, for comparing two specs.

    A statement whose name has more words than its first one says so by `head`. `long` is how a statement with a
    shorthand is written without it: the statement, then one for each part that the shorthand puts on its line.

    Attributes:
        written: the statements of the outermost level.

    Args:
        origins: IR path to its place; see `Report.origins`.
        names: names of the dataset's steps, so that a path through one whose own name has dots is not taken apart.
    """

    def __init__(self, origins: Mapping[str, Place], names: Iterable[str] = ()) -> None:
        self.lines: list[Line] = []
        self._origins = origins
        self._names = frozenset(names)
        self._depth = 0
        self.written: list[Written] = []
        self._open = self.written

    def origin(self, path: str) -> Place | None:
        """Where a part of the IR stands."""
        return self._origins.get(path)

    def gap(self) -> None:
        """An empty line, unless there is one or a block has just opened."""
        if self.lines and self.lines[-1].text and not self.lines[-1].text.endswith("{"):
            self.lines.append(Line("", None))

    def put(self, text: str, path: str = "", head: str = "", long: Sequence[str] = ()) -> None:
        """One statement on one line; a list that makes it too long is broken over several."""
        self._note(text, path, head, long)
        self._line(text, path)

    def _note(self, text: str, path: str, head: str, long: Sequence[str]) -> Written:
        """Add a statement to the tree."""
        own, *parts = long or (text,)
        head = head or _first_word(own)
        inner = [Written(name := _first_word(part), part[len(name) :].strip(), path, []) for part in parts]
        found = Written(head, own[len(head) :].strip(), path, inner)
        self._open.append(found)
        return found

    @contextmanager
    def _inside(self, statement: Written) -> "Generator[None]":
        """Statements that are added go into the block of this one."""
        around, self._open = self._open, statement.parts
        self._depth += 1
        yield
        self._depth -= 1
        self._open = around

    def _line(self, text: str, path: str) -> None:
        origin, pad = self._origins.get(path), _STEP * self._depth
        if len(pad + text) > WIDTH and "[" in text:
            head, items, tail = _first_list(text)
            inner = [f"{pad}{_STEP}{item}," for item in items]
            lines = [f"{pad}{head}", *inner[:-1], inner[-1][:-1], f"{pad}{tail}"] if items else [pad + text]
            self.lines += [Line(line, origin) for line in lines]
        else:
            self.lines.append(Line(pad + text, origin))

    @contextmanager
    def block(self, text: str, path: str = "", head: str = "", long: Sequence[str] = ()) -> "Generator[None]":
        """`text { … }`; lines added inside are in the block."""
        self._line(f"{text} {{", path)
        with self._inside(self._note(text, path, head, long)):
            yield
        self.lines.append(Line(_STEP * self._depth + "}", None))

    def text(self, start: str, text: str, path: str = "", head: str = "") -> None:
        """`start "…"`, as a text block where it has several lines."""
        self._note(f"{start} {quote(text)}", path, head, ())
        self._text(start, text, "", path)

    @contextmanager
    def text_block(
        self, start: str, text: str, path: str = "", head: str = "", long: Sequence[str] = ()
    ) -> "Generator[None]":
        """`start "…" { … }`."""
        self._text(start, text, " {", path)
        with self._inside(self._note(f"{start} {quote(text)}", path, head, long)):
            yield
        self.lines.append(Line(_STEP * self._depth + "}", None))

    def _text(self, start: str, text: str, end: str, path: str) -> None:
        if "\n" not in text or not fits_block(text):
            self._line(f"{start} {quote(text)}{end}", path)
            return
        origin, pad, inner = self._origins.get(path), _STEP * self._depth, _STEP * (self._depth + 1)
        self.lines.append(Line(f'{pad}{start} """', origin, tail=False))
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


def _first_word(text: str) -> str:
    """The first word of a statement; a quoted name is one."""
    return lexemes(text)[0].text if text.startswith('"') else text.partition(" ")[0]


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


def count(value: int) -> str:
    """A whole number, with a unit where it is long and round: `400k`, `20M`."""
    for size, unit in ((10**6, "M"), (10**3, "k")):
        if value >= max(size, 10_000) and not value % size:
            return f"{value // size}{unit}"
    return str(value)


def duration(seconds: Fraction | float) -> str:
    """A time in its largest unit that needs no decimals."""
    exact = Fraction(repr(seconds)) if isinstance(seconds, float) else seconds
    unit, size = next((one for one in (("h", 3600), ("min", 60)) if exact and not exact % one[1]), ("s", 1))
    return f"{number(exact / size)}{unit}"


def percent(value: Fraction) -> str:
    """A share of 1."""
    return f"{number(value * 100)}%"
