"""What the rows of the vocabulary are made of."""

from collections.abc import Iterable
from typing import Literal

import msgspec

ValueType = Literal[
    "text",  # a string or a text block
    "texts",  # one or a list of them
    "template",  # a text with holes
    "word",  # one of the field's own words
    "words",  # one or a list of the field's own words
    "flag",  # alone, or with `true` or `false`
    "name",  # one name
    "names",  # one or a list of names
    "path",  # names joined by dots
    "paths",  # one or a list of them
    "integer",  # a whole number, negative ones too
    "count",  # a whole number, with k, M or G
    "decimal",  # an exact decimal
    "percent",
    "duration",
    "rate",
    "money",
    "price",  # money per tokens
    "command",  # a list of strings: a program and its arguments
    "shape",  # read by the statement's own code; `shape` says what is written
    "block",  # `{ … }` of the statement named in `block`
    "open",  # `{ … }` with keys of the author's choice, carried as JSON
]


class Field(msgspec.Struct, frozen=True):
    """One field a statement accepts.

    Attributes:
        name: its head.
        type: how its values are read.
        definition: one sentence for people.
        example: a line of TAP.
        default: what holds when it is not given, in words; empty means nothing.
        unit: of numbers, in words.
        words: words allowed for types `word` and `words`, and in addition to numbers for `shape`.
        shape: syntax after the head, if the type does not determine it.
        block: name of the statement that describes the field's block.
        many: whether it may be given more than once.
        required: whether it must be given.
        least, most: inclusive bounds of numbers.
        rival: a field that it stands instead of; where a dataset that extends another gives the one, the other goes.
    """

    name: str
    type: ValueType
    definition: str
    example: str
    default: str = ""
    unit: str = ""
    words: tuple[str, ...] = ()
    shape: str = ""
    block: str = ""
    many: bool = False
    required: bool = False
    least: int | None = None
    most: int | None = None
    rival: str = ""


class Statement(msgspec.Struct, frozen=True):
    """A statement, or a block inside one.

    Attributes:
        name: its head, or a name such as `price block` for blocks that share a head with others.
        definition: one or two sentences for people.
        shape: how it is written, up to its block.
        fields: what its block accepts, in the order people read them.
        free: what other heads the block accepts (names of nodes, splits, columns); empty for a closed block.
        section: heading in the reference.
    """

    name: str
    definition: str
    shape: str
    fields: tuple[Field, ...] = ()
    free: str = ""
    section: str = ""

    def field(self, name: str) -> Field | None:
        """A field by name."""
        for field in self.fields:
            if field.name == name:
                return field
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Heads its block accepts."""
        return tuple(field.name for field in self.fields)


class Vocabulary:
    """All words of the language; the checker, suggestions, editors and the reference read it.

    Attributes:
        statements: statements and blocks by name, in the order of the reference.
        steps, checks, emits: names of the kinds of each.
    """

    def __init__(
        self, statements: Iterable[Statement], steps: Iterable[str], checks: Iterable[str], emits: Iterable[str]
    ) -> None:
        self.statements = {one.name: one for one in statements}
        self.steps = tuple(steps)
        self.checks = tuple(checks)
        self.emits = tuple(emits)

    @property
    def named(self) -> tuple[str, ...]:
        """Statements of a dataset that declare a name of its own."""
        return ("endpoint", "rubric", *self.steps)

    def statement(self, name: str) -> Statement:
        """A statement by name.

        Raises:
            KeyError: there is none.
        """
        return self.statements[name]
