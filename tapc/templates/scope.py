"""What a template may read: names, their attributes, and where an attribute is missing."""

from collections.abc import Mapping

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """What is known of a value before anything has run.

    Attributes:
        what: the value in words, for messages: "the axis `topic`".
        attributes: what it offers, by name.
        element: kind of its elements where it is a list, else None.
        number: whether it may be compared with `<` and `>`.
        values: all texts it can be equal to, or None where that is open.
    """

    what: str
    attributes: Mapping[str, "Attribute"] = {}
    element: "Kind | None" = None
    number: bool = False
    values: tuple[str, ...] | None = None


class Attribute(msgspec.Struct, frozen=True):
    """One attribute of a kind.

    Attributes:
        kind: of its value.
        missing: where it does not exist (leaves as dotted paths, names of mix values), empty if it always does.
    """

    kind: Kind
    missing: tuple[str, ...] = ()


class TemplateScope(msgspec.Struct, frozen=True):
    """Names a template may read.

    Attributes:
        names: readable ones.
        hidden: names that exist but cannot be read here, and why (a clause: "it has several candidates; …").
    """

    names: Mapping[str, Kind]
    hidden: Mapping[str, str] = {}


def text_kind(what: str = "a text") -> Kind:
    """A text without attributes."""
    return Kind(what)


def number_kind(what: str = "a number") -> Kind:
    """A number."""
    return Kind(what, number=True)


def list_kind(element: Kind, what: str = "a list") -> Kind:
    """A list."""
    return Kind(what, element=element)


def record_kind(what: str, fields: Mapping[str, Kind], optional: Mapping[str, Kind] = {}) -> Kind:
    """A text or structure with attributes.

    Args:
        what: the value in words.
        fields: attributes it always has.
        optional: attributes that a reply may lack; read through `default` only.
    """
    attributes = {name: Attribute(kind) for name, kind in fields.items()}
    attributes |= {name: Attribute(kind, ("some replies",)) for name, kind in optional.items()}
    return Kind(what, attributes)
