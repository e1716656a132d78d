"""Arguments and results of the filters."""

from collections.abc import Iterator
from typing import Any

from tapc.templates.filters import MAX_INDENT, MAX_SAMPLE
from tapc.templates.finding import Finding
from tapc.templates.scope import Kind, number_kind, text_kind
from tapc.templates.tokens import Token

MAX_SEPARATOR = 100
_LISTS = ("join", "sample")
_TEXTS = ("lower", "upper", "title", "trim", "indent")
_USAGE = {
    "default": 'default("…")',
    "indent": f"indent(N) with N from 0 to {MAX_INDENT}",
    "join": 'join("…")',
    "sample": f"sample(N) with N from 1 to {MAX_SAMPLE}",
}


def filter_findings(node: Any, value: Kind | None, token: Token) -> Iterator[Finding]:
    """The findings about one use of a known filter."""
    name = node.name
    place = (token.start, token.end)
    if not _arguments_fit(name, node):
        usage = _USAGE.get(name)
        note = f"write `| {usage}`" if usage else f"write `| {name}`"
        yield Finding("TAP310", f"wrong arguments for the filter `{name}`", *place, (note,))
    if value is None:
        return
    if name in _LISTS and value.element is None:
        yield Finding("TAP309", f"{value.what} is not a list; `{name}` needs one", *place)
    if name in _TEXTS and value.element is not None:
        yield Finding("TAP309", f"{value.what} is a list; `{name}` needs a text", *place, ("join it first",))


def filtered_kind(name: str, value: Kind | None) -> Kind | None:
    """The kind of the result of a filter."""
    if value is None or name in ("default", "sample"):
        return value
    return number_kind() if name == "length" else text_kind()


def _arguments_fit(name: str, node: Any) -> bool:
    if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
        return False
    count = len(node.args)
    if name == "default":
        return count <= 1
    if count == 0:
        return name != "sample"
    if count > 1 or name not in _USAGE or type(node.args[0]).__name__ != "Const":
        return False
    return _value_fits(name, node.args[0].value)


def _value_fits(name: str, value: Any) -> bool:
    if name == "join":
        return isinstance(value, str) and len(value) <= MAX_SEPARATOR
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    return value <= (MAX_INDENT if name == "indent" else MAX_SAMPLE) and value >= (name == "sample")
