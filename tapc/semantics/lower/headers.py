"""Headers that a spec adds to each request of an endpoint."""

import re
from collections.abc import Sequence

from tapc.ir import EnvRef
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.environment import clear_secret, is_secret_header, looks_secret, read_env
from tapc.semantics.report import Report
from tapc.semantics.values import wrong_value
from tapc.syntax.nodes import Call, Path, Quoted

TAPCS_OWN = frozenset({
    "accept-encoding",  # replies come as they are, so that their size is bounded
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
})  # fmt: skip
"""In lower case: RFC 9112 (framing), RFC 9110 section 7.6.1 (connections), and what describes the body."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def read_headers(items: Sequence[Item], report: Report) -> tuple[tuple[str, str | EnvRef], ...]:
    """The headers in order of name; those that cannot be set are reported and left out."""
    found: dict[str, tuple[str, str | EnvRef]] = {}
    places: dict[str, Item] = {}
    for item in items:
        header = _header(item, report)
        if header is None:
            continue
        name = header[0].lower()
        if name in found:
            again, first = item.place.label("again here"), places[name].place.label("first here")
            notes = ("the case of header names does not matter",)
            report.add("TAP406", f"the header `{header[0]}` is given twice", again, first, notes=notes)
            continue
        found[name], places[name] = header, item
    return tuple(found[name] for name in sorted(found))


def _header(item: Item, report: Report) -> tuple[str, str | EnvRef] | None:
    args = [arg.follow() for arg in item.args]
    names = [arg.value.text for arg in args[:1] if isinstance(arg.value, Quoted | Path)]
    if len(args) != 2 or not names:
        notes = ('for example `header "X-Team" "data"`',)
        report.add("TAP104", "`header` takes a name and a value", item.place, notes=notes)
        return None
    name = names[0]
    if not _NAME.fullmatch(name):
        report.add("TAP104", f"`{name}` cannot be the name of a header", args[0].place)
    elif name.lower() in TAPCS_OWN:
        notes = ("remove it: tapc writes it itself",)
        report.add("TAP406", f"the header `{name}` is set by tapc for each request", args[0].place, notes=notes)
    elif (value := _value(name, args[1], report)) is not None:
        return name, value
    return None


def _value(name: str, arg: Arg, report: Report) -> str | EnvRef | None:
    value: str | EnvRef | None
    if isinstance(arg.value, Call):
        value = read_env(arg, report, default=not is_secret_header(name))
        literal = value.default if value is not None else None
    elif isinstance(arg.value, Quoted):
        value = literal = arg.value.text
        if is_secret_header(name) or looks_secret(literal):
            clear_secret(arg, f"the header `{name}`", re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_"), report)
            return None
    else:
        wrong_value("header", "a string or `env(…)`", arg, 'header "X-Team" "data"', report)
        return None
    if literal is not None and not (literal.isascii() and literal.isprintable()):
        notes = ("write printable ASCII on one line",)
        report.add("TAP406", f"the value of the header `{name}` cannot be sent", arg.place, notes=notes)
        return None
    return value
