"""Writes a tree as the text of a canonical module."""

import unicodedata
from collections.abc import Iterator

from tapc.diagnostics import Diagnostic
from tapc.format import format_source
from tapc.importing.model import MAX_NODES, Node, Refusal
from tapc.source import SourceFile
from tapc.syntax import quote, write_entry

_MAX_NAME = 400


def render(name: str, tree: tuple[Node, ...], origin: str) -> tuple[str | None, list[Diagnostic]]:
    """The module that declares the tree as one taxonomy.

    Args:
        name: name of the taxonomy.
        tree: its nodes.
        origin: the source of the tree, for the comment at the top.

    Raises:
        Refusal: the tree is empty or too large, or contains an invalid name.
    """
    if not tree:
        raise Refusal("TAP721", f"{origin} contains no nodes", "a taxonomy needs at least one")
    shown = "".join(char if char.isprintable() else " " for char in _text(origin))
    lines = ["tap 1", "", f"// Imported from {shown}.", "", f"taxonomy {_word(name)} {{"]
    for count, line in enumerate(_lines(tree)):
        if count > 4 * MAX_NODES:
            raise Refusal("TAP721", f"{origin} contains too many nodes", f"at most about {MAX_NODES:,} can be imported")
        lines.append(line)
    text, found = format_source(SourceFile(f"{name}.tap", "\n".join([*lines, "}", ""])))
    return text, list(found)


def _lines(nodes: tuple[Node, ...]) -> Iterator[str]:
    for node in nodes:
        head = " ".join(part for part in (_word(node.name), node.weight, _string(node.title)) if part)
        definition = _string(node.definition)
        opened = f"{head}: {definition}" if definition else head
        if not node.examples and not node.children:
            yield opened
            continue
        yield f"{opened} {{"
        for example in node.examples:
            yield "example {"
            yield from (f"{write_entry(key)} {_string(text)}" for key, text in example)
            yield "}"
        yield from _lines(node.children)
        yield "}"


def _text(text: str) -> str:
    """The text in the normal form NFC with line feeds at line ends, as in every spec; otherwise unchanged."""
    if any("\ud800" <= char <= "\udfff" for char in text):  # YAML escapes may yield one half of a pair
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _string(text: str) -> str:
    return quote(_text(text)) if text.strip() else ""


def _word(name: str) -> str:
    """A name, quoted if it contains characters not allowed in names or reads like a word of the language."""
    cleaned = " ".join(_text(name).split())
    if not cleaned or len(cleaned) > _MAX_NAME:
        raise Refusal("TAP723", f"`{cleaned[:60]}` cannot be a name", f"names have 1 to {_MAX_NAME} characters")
    return write_entry(cleaned)
