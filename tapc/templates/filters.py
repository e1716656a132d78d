"""The filters of the language."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from tapc.templates.printing import json_of, text_of

SEED_NAME = " seed"
"""Key of the slot's seed among the names of a rendering; the space keeps templates from reading it."""

MAX_INDENT = 80
MAX_SAMPLE = 1000


def sample(values: Sequence[Any], count: int, seed: int) -> Sequence[Any]:
    """Take some elements, chosen by the seed: those with the smallest hashes of seed and content.

    Bottom-k sampling: adding or removing an element changes a sample only by that element.
    """
    key = seed.to_bytes(16, "little", signed=True)

    def rank(index: int) -> tuple[bytes, int]:
        content = json_of(values[index]).encode()
        return blake2b(content, digest_size=16, key=key).digest(), index

    taken = [values[i] for i in sorted(range(len(values)), key=rank)[:count]]
    rebuild = getattr(type(values), "with_items", None)
    return taken if rebuild is None else rebuild(taken)


def _default(value: Any, instead: Any = "") -> Any:
    from jinja2 import Undefined  # noqa: PLC0415 - loaded already whenever a filter runs

    return instead if isinstance(value, Undefined) else value


def _indent(value: Any, width: int = 4) -> str:
    pad = " " * width
    first, *rest = text_of(value).split("\n")
    return "\n".join([first, *(pad + line if line.strip() else line for line in rest)])


def _join(values: Sequence[Any], separator: str = "") -> str:
    return separator.join(map(text_of, values))


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple | Mapping) else len(text_of(value))  # pyright: ignore[reportUnknownArgumentType]


def _title(value: Any) -> str:
    """Capitalize the first letter of each word and leave the others unchanged (`DNA` stays)."""
    return " ".join(word[:1].upper() + word[1:] for word in text_of(value).split(" "))


def _lower(value: Any) -> str:
    return text_of(value).lower()


def _upper(value: Any) -> str:
    return text_of(value).upper()


def _trim(value: Any) -> str:
    return text_of(value).strip()


def _seeded_sample() -> Callable[..., Any]:
    from jinja2 import pass_context  # noqa: PLC0415 - heavy import, only where templates are used

    def from_context(context: Any, values: Sequence[Any], count: int) -> Sequence[Any]:
        return sample(values, count, context[SEED_NAME])

    return pass_context(from_context)


def make_filters() -> dict[str, Callable[..., Any]]:
    """All filters by name, in the form that Jinja expects."""
    return {
        "default": _default,
        "indent": _indent,
        "join": _join,
        "json": json_of,
        "length": _length,
        "lower": _lower,
        "sample": _seeded_sample(),
        "title": _title,
        "trim": _trim,
        "upper": _upper,
    }


FILTER_NAMES = ("default", "indent", "join", "json", "length", "lower", "sample", "title", "trim", "upper")
