"""Markdown and YAML pieces that survive any text."""

import json
import re

from tapc.outside.visible import one_line, visible_json, visible_lines

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$])")


def escape(text: str) -> str:
    """Make a text safe inside a Markdown line or table cell; line ends become spaces, unseen characters escapes."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def table(head: list[str], rows: list[list[str]], *, right: tuple[int, ...] = ()) -> list[str]:
    """Lines of a table; `right` names the columns that are aligned to the right. Cells are escaped here."""
    rule = "| " + " | ".join("---:" if i in right else "---" for i in range(len(head))) + " |"
    lines = ["| " + " | ".join(escape(cell) for cell in line) + " |" for line in (head, *rows)]
    return [lines[0], rule, *lines[1:]]


def quoted(value: object) -> str:
    """A YAML scalar or flow value; JSON is YAML."""
    return visible_json(json.dumps(value, ensure_ascii=False))


def code_block(text: str) -> list[str]:
    """Lines of a fenced block, the fence longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *visible_lines(text).splitlines(), fence]
