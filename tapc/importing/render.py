"""A tree as the text of a canonical module."""

import re
import unicodedata
from collections.abc import Iterator

from tapc.diagnostics import Diagnostic
from tapc.format import format_source
from tapc.importing.model import MAX_NODES, Node, Refusal
from tapc.source import SourceFile

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_MAX_NAME = 400
_RESERVED = (
    "import", "param", "when", "exclude", "count", "at_least", "at_most", "title", "definition", "example", "note",
    "only", "except", "from", "columns", "levels",
)  # fmt: skip


def render(name: str, tree: tuple[Node, ...], origin: str) -> tuple[str | None, list[Diagnostic]]:
    """The module that declares the tree as one taxonomy.

    Args:
        name: of the taxonomy.
        tree: its nodes.
        origin: what it was made from, for the comment at the top.

    Raises:
        Refusal: the tree is empty or too large, or a name cannot be one.
    """
    if not tree:
        raise Refusal("TAP721", f"{origin} holds no nodes", "a taxonomy needs one at least")
    lines = ["tap 1", "", f"// Imported from {_clean(origin).replace(chr(10), ' ')}.", "", f"taxonomy {_word(name)} {{"]
    for count, line in enumerate(_lines(tree)):
        if count > 4 * MAX_NODES:
            raise Refusal("TAP721", f"{origin} holds too many nodes", f"at most about {MAX_NODES:,} can be imported")
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
            yield from (f"{key} {_string(text)}" for key, text in example)
            yield "}"
        yield from _lines(node.children)
        yield "}"


def _clean(text: str) -> str:
    """NFC, newlines only as such, and no character a spec may not hold."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def _string(text: str) -> str:
    cleaned = _clean(text).strip()
    if not cleaned:
        return ""
    return '"' + cleaned.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _word(name: str) -> str:
    """A name, in quotes unless it is plainly none of the language's words and not nearly one."""
    cleaned = " ".join(_clean(name).split())
    if not cleaned or len(cleaned) > _MAX_NAME:
        raise Refusal("TAP723", f"`{cleaned[:60]}` cannot be a name", f"names have 1 to {_MAX_NAME} characters")
    near = any(
        abs(len(word) - len(cleaned)) <= 1 and (word[0] == cleaned[0] or word[-1] == cleaned[-1]) for word in _RESERVED
    )
    return cleaned if _BARE.fullmatch(cleaned) and not near else _string(cleaned)
