"""Prints groups in the canonical layout."""

from tapc.format.layout import Group, LayoutItem
from tapc.syntax import Lexeme

WIDTH = 120
"""Last column of a list or block on one line."""

STEP = 2
"""Columns of indentation per level."""

_TIGHT_BEFORE = {":", ",", "."}
_TIGHT_AFTER = {"."}


def print_file(file: Group) -> str:
    """The text of a whole file, ending in one newline (an empty file stays empty)."""
    lines = _items(file, 0)
    return "\n".join(lines) + "\n" if lines else ""


def _items(group: Group, indent: int) -> list[str]:
    """The items of a broken group, each on at least one line."""
    lines: list[str] = []
    last = max((i for i, item in enumerate(group.items) if item.parts), default=-1)
    for i, item in enumerate(group.items):
        if item.after_opening:
            continue
        if item.blank and lines:
            lines.append("")
        comma = "," if group.opener in {"[", "("} and item.parts and i < last else ""
        lines += _item(item, indent, comma)
    return lines


def _item(item: LayoutItem, indent: int, comma: str) -> list[str]:
    pad = " " * indent
    if not item.parts:
        return [pad + tail for tail in item.tails]
    lines = _statement(item, indent)
    lines[-1] += comma
    if item.tails:
        lines[-1] += "  " + item.tails[0]
    return lines + [pad + tail for tail in item.tails[1:]]


def _statement(item: LayoutItem, indent: int) -> list[str]:
    lines = [" " * indent]
    for i, part in enumerate(item.parts):
        space = _space(item.parts, i)
        if isinstance(part, Group):
            flat = _flat(part)
            if flat is not None and len(lines[-1] + space + flat + _until_break(item.parts, i + 1)) <= WIDTH:
                lines[-1] += space + flat
            else:
                lines[-1] += space + part.opener
                lines += _broken(part, indent, lines)
        elif part.kind == "text":
            lines[-1] += space + '"""'
            lines += _text(part, indent + STEP)
        else:
            lines[-1] += space + part.text
    return lines


def _broken(group: Group, indent: int, lines: list[str]) -> list[str]:
    comment = [tail for item in group.items if item.after_opening for tail in item.tails]
    if comment:
        lines[-1] += "  " + comment[0]
    inner = _items(group, indent + STEP)
    if not inner and not comment:
        lines[-1] += group.closer
        return []
    return [*inner, " " * indent + group.closer]


def _text(part: Lexeme, indent: int) -> list[str]:
    """The lines of a text block after its opening quotes: the content is unchanged, the indentation moves."""
    block = part.block()
    pad = " " * indent
    empty = part.text.count("\n") == 1
    content = [] if empty else [pad + line if line else "" for line in block.text.split("\n")]
    return [*content, pad + '"""']


def _space(parts: "list[Lexeme | Group]", at: int) -> str:
    if at == 0:
        return ""
    part, before = parts[at], parts[at - 1]
    if isinstance(part, Group):
        return "" if part.opener == "(" else " "
    if part.kind == "mark" and part.text in _TIGHT_BEFORE:
        return ""
    return "" if isinstance(before, Lexeme) and before.kind == "mark" and before.text in _TIGHT_AFTER else " "


def _flat(group: Group) -> str | None:
    """The group on one line, or None if it needs several."""
    if group.broken or any(item.tails for item in group.items):
        return None
    texts: list[str] = []
    for item in group.items:
        text = _flat_parts(item.parts, 0)
        if text is None:
            return None
        texts.append(text)
    inner = ", ".join(texts)
    if group.opener == "{" and inner:
        inner = f" {inner} "
    return group.opener + inner + group.closer


def _flat_parts(parts: "list[Lexeme | Group]", start: int) -> str | None:
    text = ""
    for i in range(start, len(parts)):
        part = parts[i]
        flat = _flat(part) if isinstance(part, Group) else None if part.kind == "text" else part.text
        if flat is None:
            return None
        text += _space(parts, i) + flat
    return text


def _until_break(parts: "list[Lexeme | Group]", start: int) -> str:
    """The part that must follow on the same line: up to the next opening bracket or quotes."""
    text = ""
    for i in range(start, len(parts)):
        part = parts[i]
        if isinstance(part, Group):
            return text + _space(parts, i) + part.opener
        if part.kind == "text":
            return text + ' """'
        text += _space(parts, i) + part.text
    return text
