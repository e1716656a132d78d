"""Names that a template may read, their attributes, and where an attribute is missing."""

from collections.abc import Mapping

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """What is known of a value at compile time.

    Attributes:
        what: the value in words, for messages: "the axis `topic`".
        attributes: its attributes by name.
        element: kind of its elements if it is a list, else None.
        number: whether it may be compared with `<` and `>`.
        values: all texts that it can equal, or None if any is possible.
    """

    what: str
    attributes: Mapping[str, "Attribute"] = {}
    element: "Kind | None" = None
    number: bool = False
    values: tuple[str, ...] | None = None


class Attribute(msgspec.Struct, frozen=True):
    """One attribute of a kind.

    Attributes:
        kind: kind of its value.
        missing: where it does not exist (leaves as dotted paths, names of mix values); empty if it always exists.
    """

    kind: Kind
    missing: tuple[str, ...] = ()


class TemplateScope(msgspec.Struct, frozen=True):
    """The names that a template may read.

    Attributes:
        names: readable names.
        hidden: names that exist but cannot be read here, with the reason (a clause: "it has several candidates; …").
    """

    names: Mapping[str, Kind]
    hidden: Mapping[str, str] = {}


def text_kind(what: str = "a text") -> Kind:
    """The kind of a text without attributes."""
    return Kind(what)


def number_kind(what: str = "a number") -> Kind:
    """The kind of a number."""
    return Kind(what, number=True)


def list_kind(element: Kind, what: str = "a list") -> Kind:
    """The kind of a list."""
    return Kind(what, element=element)


def record_kind(what: str, fields: Mapping[str, Kind], optional: Mapping[str, Kind] = {}) -> Kind:
    """The kind of a text or structure with attributes.

    Args:
        what: the value in words.
        fields: attributes that it always has.
        optional: attributes that a reply may lack; read through `default` only.
    """
    attributes = {name: Attribute(kind) for name, kind in fields.items()}
    attributes |= {name: Attribute(kind, ("some replies",)) for name, kind in optional.items()}
    return Kind(what, attributes)
