"""What stands inside the block of an axis, a node or a value: attributes, pruning, tables, children."""

from collections.abc import Callable

import msgspec

from tapc.ir import Example
from tapc.semantics.report import Place
from tapc.semantics.space.context import Context, NodeDraft
from tapc.semantics.space.reserved import entry_name
from tapc.semantics.space.shares import SHARE_WORDS, ShareReader
from tapc.source import SourceFile
from tapc.syntax import RESERVED
from tapc.syntax.nodes import Block, Entry, List, Name, Path, Quoted, Value

_FORMS = {
    "title": 'title "Mechanics"',
    "definition": 'definition "forces, motion"',
    "note": 'note style "formal"',
    "example": 'example { question "…", answer "…" }',
    "only": "only [cardiology, surgery.general]",
    "except": "except [dentistry]",
    "from": 'from "catalog.csv"',
    "levels": "levels [field, subfield]",
    "columns": "columns { id code, parent parent_code }",
}


class PathGiven(msgspec.Struct, frozen=True):
    """A path in `only` or `except`."""

    parts: tuple[str, ...]
    place: Place


class Body:
    """One block, read.

    Attributes:
        source: text of `from`, and its place.
        levels: column names of `levels`, with their places.
        children: of the block itself.
    """

    def __init__(self) -> None:
        self.definition: str | None = None
        self.notes: dict[str, str] = {}
        self.examples: list[Example] = []
        self.only: list[PathGiven] = []
        self.dropped: list[PathGiven] = []
        self.source: tuple[str, Place] | None = None
        self.columns: Block | None = None
        self.levels: tuple[tuple[str, Place], ...] = ()
        self.children: list[NodeDraft] = []


class BodyReader:
    """Reads one block.

    Args:
        context: the lowering.
        file: where the block stands.
        shares: takes titles and, where the entry has a share, `count` and bounds.
        child: reads an entry as a child.
        root: whether it is the block of an axis, which has no share but may come from a table.
        value: whether it is the block of a mix's value, which has no children.
    """

    def __init__(
        self,
        context: Context,
        file: SourceFile,
        shares: ShareReader,
        child: Callable[[SourceFile, Entry], NodeDraft | None],
        *,
        root: bool = False,
        value: bool = False,
    ) -> None:
        self.body = Body()
        self._context = context
        self._file = file
        self._shares = shares
        self._child = child
        self._root = root
        self._value = value

    def read(self, entry: Entry) -> Body:
        """Read the definition of an entry and everything in its block."""
        if entry.definition is not None:
            self.body.definition = entry.definition.text
        for statement in () if entry.block is None else entry.block.statements:
            if isinstance(statement, Entry):
                self._statement(statement)
            else:
                message = f"`{type(statement).__name__.lower()}` means nothing here"
                note = "`when` and `exclude` belong in the dataset, `import` and `param` at the top of the file"
                self._context.report.add("TAP205", message, Place(self._file, statement.span), notes=(note,))
        if self.body.definition is None and entry.doc is not None:
            self.body.definition = entry.doc.text.strip() or None
        return self.body

    def _statement(self, entry: Entry) -> None:
        word = entry.keyword
        if word not in RESERVED:
            self._read_child(entry)
        elif word in SHARE_WORDS and not self._root:
            amount = entry.values[0] if entry.values else None
            self._shares.amount(word, amount, Place(self._file, entry.head.span))
            if len(entry.values) > 1:
                self._shares.read(entry.values[1:])
        else:
            reader = self._readers().get(word or "")
            if reader is None:
                entry_name(self._context, self._file, entry)  # says that the word is reserved
            else:
                reader(entry)

    def _readers(self) -> dict[str, Callable[[Entry], None]]:
        found: dict[str, Callable[[Entry], None]] = {
            "title": self._title,
            "definition": self._definition,
            "note": self._note,
            "example": self._example,
        }
        if not self._value:
            found |= {"only": self._pruning, "except": self._pruning}
        if self._root:
            found |= {"from": self._from, "columns": self._columns, "levels": self._levels}
        return found

    def _read_child(self, entry: Entry) -> None:
        if self._value:
            message = f"a value of a mix has no children: `{entry.head.text}`"
            notes = ("attributes of values are title, definition, note and example",)
            self._context.report.add("TAP225", message, Place(self._file, entry.head.span), notes=notes)
            return
        child = self._child(self._file, entry)
        if child is not None:
            self.body.children.append(child)

    def _title(self, entry: Entry) -> None:
        text = self._one_text(entry)
        if text is not None:
            if self._shares.title is not None:
                self._twice("title", entry)
            self._shares.title = text

    def _definition(self, entry: Entry) -> None:
        text = self._one_text(entry)
        if text is not None:
            if self.body.definition is not None:
                self._twice("definition", entry)
            self.body.definition = text

    def _note(self, entry: Entry) -> None:
        key = self._name(entry.values[0]) if len(entry.values) == 2 else None
        text = self._context.text(self._file, entry.values[1]) if key is not None else None
        if key is None or text is None:
            self._wrong(entry)
        elif key in self.body.notes:
            self._twice(f"note {key}", entry)
        else:
            self.body.notes[key] = text

    def _example(self, entry: Entry) -> None:
        fields: dict[str, str] = {}
        if entry.block is None or entry.values or not entry.block.statements:
            self._wrong(entry)
            return
        for part in entry.block.statements:
            text = None
            if isinstance(part, Entry) and len(part.values) == 1 and part.block is None:
                text = self._context.text(self._file, part.values[0])
            if not isinstance(part, Entry) or text is None:
                self._wrong(entry)
                return
            if part.head.text in fields:
                self._twice(f"example field {part.head.text}", part)
            fields[part.head.text] = text
        self.body.examples.append(Example.trusted(fields=tuple(sorted(fields.items()))))

    def _pruning(self, entry: Entry) -> None:
        into = self.body.only if entry.keyword == "only" else self.body.dropped
        for value in self._listed(entry):
            found, place = self._context.follow(self._file, value)
            if isinstance(found, Path):
                into.append(PathGiven(tuple(part.text for part in found.parts), place))
            elif isinstance(found, Quoted):
                into.append(PathGiven((found.text,), place))
            else:
                self._wrong(entry)

    def _from(self, entry: Entry) -> None:
        text = self._one_text(entry)
        if text is not None:
            self.body.source = (text, Place(self._file, entry.values[0].span))

    def _columns(self, entry: Entry) -> None:
        if entry.block is None or entry.values:
            self._wrong(entry)
        else:
            self.body.columns = entry.block

    def _levels(self, entry: Entry) -> None:
        found = [(self._name(value), Place(self._file, value.span)) for value in self._listed(entry)]
        if not found or any(name is None for name, _ in found):
            self._wrong(entry)
        else:
            self.body.levels = tuple((name or "", place) for name, place in found)

    def _listed(self, entry: Entry) -> tuple[Value, ...]:
        if len(entry.values) != 1 or entry.block is not None:
            self._wrong(entry)
            return ()
        found, _ = self._context.follow(self._file, entry.values[0])
        return found.items if isinstance(found, List) else (found,)

    def _name(self, value: Value) -> str | None:
        if isinstance(value, Path):
            return value.text
        return value.text if isinstance(value, Quoted | Name) else None

    def _one_text(self, entry: Entry) -> str | None:
        plain = len(entry.values) == 1 and entry.block is None and entry.definition is None and entry.graft is None
        text = self._context.text(self._file, entry.values[0]) if plain else None
        if text is None:
            self._wrong(entry)
        return text

    def _wrong(self, entry: Entry) -> None:
        word = entry.keyword or ""
        message = f"`{word}` is not written like this"
        notes = (f"for example `{_FORMS.get(word, word)}`",)
        self._context.report.add("TAP209", message, Place(self._file, entry.span), notes=notes)

    def _twice(self, what: str, entry: Entry) -> None:
        self._context.report.add("TAP207", f"`{what}` is given twice", Place(self._file, entry.span))
