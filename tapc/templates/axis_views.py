"""The objects that templates see of axes: nodes of the taxonomy and values of mixes."""

from collections.abc import Iterable

from tapc.ir import Example, Language

_ANSWERS = ("answer", "assistant", "chosen", "completion", "label", "output", "reply", "response", "solution")


class ExampleView:
    """A few-shot example: its texts are attributes; prints one `name: text` per line, answers last."""

    __slots__ = ("_fields",)

    def __init__(self, example: Example) -> None:
        self._fields = dict(sorted(example.fields, key=lambda field: (field[0] in _ANSWERS, field[0])))

    def __str__(self) -> str:
        return "\n".join(f"{name}: {text}" for name, text in self._fields.items())

    def __getattr__(self, name: str) -> str:
        try:
            return self._fields[name]
        except KeyError:
            raise AttributeError(name) from None

    def as_json(self) -> dict[str, str]:
        """Its texts by name."""
        return self._fields


class Examples(tuple[ExampleView, ...]):
    """Few-shot examples; printed with a blank line between them."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    @classmethod
    def with_items(cls, items: Iterable[ExampleView]) -> "Examples":
        """The same kind of list with other elements."""
        return cls(items)


class _Described:
    """Base of views: prints its title, or its name with spaces; equals a text that is its key.

    Attributes that it lacks and does not inherit do not exist.
    """

    __slots__ = ("_key", "_printed", "definition", "example", "name", "note", "title")

    def __init__(self, name: str, title: str | None, key: str | None = None) -> None:
        self._key = key or name
        self.name = name
        self.title = title or name.replace("_", " ")
        self.note: dict[str, str] = {}
        self._printed = self.title

    def __str__(self) -> str:
        return self._printed

    def __eq__(self, other: object) -> bool:
        return str(other) == self._key if isinstance(other, str) else other is self

    def __hash__(self) -> int:
        return hash(self._key)

    def describe(self, definition: str | None, notes: dict[str, str], examples: Examples) -> None:
        """Set its own and inherited attributes."""
        self.note = notes
        if definition is not None:
            self.definition = definition
        if examples:
            self.example = examples


class NodeView(_Described):
    """A node of the taxonomy."""

    __slots__ = ("parent", "path")

    def place(self, parent: "NodeView | None") -> None:
        """Set the attributes that depend on its place; nodes of the first level have no parent that templates see."""
        self.path = self.title if parent is None else f"{parent.path} > {self.title}"
        if parent is not None:
            self.parent = parent


class MixValueView(_Described):
    """A value of a mix."""

    __slots__ = ()


class LanguageView(MixValueView):
    """A language: `.name` is its English name, which it prints if it has no title; equals its tag."""

    __slots__ = ("direction", "endonym", "script", "tag")

    def __init__(self, language: Language, title: str | None) -> None:
        super().__init__(language.name, title or language.name, language.tag)
        self.tag = language.tag
        self.endonym = language.endonym
        self.script = language.script
        self.direction = language.direction
