"""Markdown and YAML pieces that survive any text."""

import json
import re

from tapc.outside.visible import markdown_line, visible_json, visible_lines


def table(head: list[str], rows: list[list[str]], *, right: tuple[int, ...] = ()) -> list[str]:
    """Lines of a table; `right` names the columns that are aligned to the right. Cells are escaped here."""
    rule = "| " + " | ".join("---:" if i in right else "---" for i in range(len(head))) + " |"
    lines = ["| " + " | ".join(markdown_line(cell) for cell in line) + " |" for line in (head, *rows)]
    return [lines[0], rule, *lines[1:]]


def quoted(value: object) -> str:
    """A YAML scalar or flow value; JSON is YAML."""
    return visible_json(json.dumps(value, ensure_ascii=False))


def code_block(text: str) -> list[str]:
    """Lines of a fenced block, the fence longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *visible_lines(text).splitlines(), fence]
