"""Writes `docs/reference.md` from the vocabulary."""

from collections.abc import Iterator

from tapc.kinds.declared import REGISTRY
from tapc.semantics.registry import Registry
from tapc.semantics.vocabulary import Field, Statement

_TYPES = {
    "text": "a string",
    "texts": "a string or a list",
    "template": "text with holes",
    "word": "a word",
    "words": "a word or a list",
    "flag": "a flag",
    "name": "a name",
    "names": "a name or a list",
    "path": "a path",
    "paths": "a path or a list",
    "integer": "a whole number",
    "count": "a whole number",
    "decimal": "a number",
    "percent": "a percentage",
    "duration": "a duration",
    "rate": "a rate",
    "money": "money",
    "price": "a price",
    "command": "a list of strings",
    "shape": "",
    "block": "a block",
    "open": "a block of your own keys",
}
_HEAD = """# Language reference

<!-- generated from the vocabulary; rewrite with: python -m tapc.frontend.reference > docs/reference.md -->

Every statement of a `.tap` file with its fields. A statement or field that is not listed here is an error.
"""


def reference(registry: Registry = REGISTRY) -> str:
    """The whole document, ending in a newline."""
    parts = [_HEAD]
    section = ""
    for statement in registry.vocabulary.statements.values():
        if statement.section != section:
            section = statement.section
            parts.append(f"## {section}\n")
        parts.append("\n".join(_statement(statement)))
    return "\n".join(parts)


def _statement(statement: Statement) -> Iterator[str]:
    yield f"### {statement.name}\n"
    yield f"```tap\n{statement.shape}\n```\n"
    yield f"{statement.definition}\n"
    if statement.free:
        yield f"Its block also holds {statement.free}, under names of your own.\n"
    if statement.fields:
        yield "| field | takes | default | meaning | example |"
        yield "|---|---|---|---|---|"
        for field in statement.fields:
            yield _row(field)
        yield ""


def _row(field: Field) -> str:
    name = f"`{field.name}`" + (" (required)" if field.required else "") + (" (may repeat)" if field.many else "")
    cells = (name, _takes(field), field.default, field.definition, f"`{field.example}`")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _takes(field: Field) -> str:
    if field.type in ("word", "words"):
        return ", ".join(f"`{word}`" for word in field.words) + (", or a list" if field.type == "words" else "")
    text = f"`{field.shape}`" if field.shape else _TYPES[field.type]
    if field.unit:
        text += f" ({field.unit})"
    bounds = [f"at least {field.least}"] * (field.least is not None) + [f"at most {field.most}"] * (
        field.most is not None
    )
    if field.type == "percent":
        bounds = ["0% to 100%"]
    return ", ".join([text, *bounds])


if __name__ == "__main__":
    import sys

    sys.stdout.write(reference())
