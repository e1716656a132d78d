"""The syntax tree: immutable nodes with exact spans.

Nodes represent the text, not its meaning: numbers are texts with their units, names are unresolved.
"""

import msgspec

from tapc.source import SourceFile, Span


class Node(msgspec.Struct, frozen=True, gc=False, tag=True, array_like=True):
    """Base of all nodes; the span covers the node from its first to its last token (without doc comments)."""

    span: Span


class Name(Node, frozen=True, gc=False):
    """An unquoted name."""

    text: str


class Quoted(Node, frozen=True, gc=False):
    """A string in double quotes; `text` has its escapes resolved. As a head or a part of a path it is always a name."""

    text: str


class Text(Node, frozen=True, gc=False):
    r'''A raw `"""` block.

    Attributes:
        text: content without the common indentation and without the last newline, `\n` line ends.
        offsets: for every line of `text`, the source offset of its first character (after the indentation),
            so that a place inside the text maps back exactly.
    '''

    text: str
    offsets: tuple[int, ...]


class Number(Node, frozen=True, gc=False):
    """A number with any unit, as written: `40%`, `$0.10/M`, `20..600`, `-1.5`, `10px`."""

    text: str


class Path(Node, frozen=True, gc=False):
    """Names joined by dots; a single unquoted name as a value is a path of one part."""

    parts: tuple["Name | Quoted", ...]

    @property
    def text(self) -> str:
        """The parts joined by dots."""
        return ".".join(part.text for part in self.parts)


class List(Node, frozen=True, gc=False):
    """`[a, b, c]`."""

    items: tuple["Value", ...]


class Call(Node, frozen=True, gc=False):
    """`env("NAME")`, `tap(topic, writer)`."""

    name: Name
    arguments: tuple["Value", ...]


class Comparison(Node, frozen=True, gc=False):
    """`>= 4`; `operator` is one of `<`, `<=`, `>`, `>=`."""

    operator: str
    value: "Value"


Value = Path | Quoted | Text | Number | List | Call | Comparison


class Doc(Node, frozen=True, gc=False):
    """A run of `///` lines; `text` is their content joined by newlines."""

    text: str


class Test(Node, frozen=True, gc=False):
    """`AXIS = value`, `AXIS in [a, b]` or `AXIS in path`; `operator` is `=` or `in`."""

    axis: Path
    operator: str
    value: Value


class Condition(Node, frozen=True, gc=False):
    """Tests joined by `and`."""

    tests: tuple[Test, ...]


class Block(Node, frozen=True, gc=False):
    """`{ … }`; the span includes the braces."""

    statements: tuple["Statement", ...]


class Import(Node, frozen=True, gc=False):
    """`import std.a.b [as x]` or `import "./file.tap" as x`."""

    doc: Doc | None
    target: Path | Quoted
    alias: Name | None


class Param(Node, frozen=True, gc=False):
    """`param NAME = default`."""

    doc: Doc | None
    name: Name
    default: Value


class When(Node, frozen=True, gc=False):
    """`when CONDITION { … }`."""

    doc: Doc | None
    condition: Condition
    block: Block


class Exclude(Node, frozen=True, gc=False):
    """`exclude AXIS = value [when CONDITION]`."""

    doc: Doc | None
    test: Test
    condition: Condition | None


class Entry(Node, frozen=True, gc=False):
    """The one general statement: `head value* [: "definition"] [= graft] [block]`."""

    doc: Doc | None
    head: "Name | Quoted | Number"
    values: tuple[Value, ...]
    definition: "Quoted | Text | None"
    graft: Path | None
    block: Block | None

    @property
    def keyword(self) -> str | None:
        """The head if it can be a keyword: an unquoted name."""
        return self.head.text if isinstance(self.head, Name) else None


Statement = Import | Param | When | Exclude | Entry


class Comment(Node, frozen=True, gc=False):
    """A `//` comment.

    Attributes:
        text: as written, from the slashes on.
        own_line: whether only white space precedes it on its line.
    """

    text: str
    own_line: bool


class Module(Node, frozen=True, gc=False):
    """A whole file. Spans of all nodes are offsets into `file.text`."""

    file: SourceFile
    edition: Number | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
