"""Endpoints: section 6 of the language."""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from tapc.ir import Endpoint, EnvRef, Limit, Price, Transport
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.environment import clear_secret, looks_secret, read_env
from tapc.semantics.lower.headers import read_headers
from tapc.semantics.lower.price import lower_price
from tapc.semantics.lower.sampling import sampling_of
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, read_number, unknown_word, wrong_value
from tapc.syntax.nodes import Call, Number, Path, Quoted, Text

_LONGEST = 7 * 86_400
"""Seconds a request may take at most; no server answers later."""
_HOST = re.compile(r"[^\s/@?#]+")


def lower_endpoint(item: Item, report: Report, known: "Callable[[str], Endpoint | None]") -> Endpoint | None:
    """Lower one endpoint; `known` looks a model up in the shipped table. None where it cannot be understood."""
    before = len(report.diagnostics)
    fields = Fields(item, "endpoint", report)
    model = fields.read("model")
    simulated = isinstance(model, str) and (model == "sim" or model.startswith("sim-"))
    urls = _urls(fields, report)
    if not fields.meant("url") and isinstance(model, str) and not simulated:
        notes = ('for example `url "http://localhost:8000/v1"`', 'or `model "sim"` for a simulated endpoint')
        report.add("TAP404", f"endpoint `{item.name}` needs a `url`", item.name_place, notes=notes)
    if fields.read("mode") == "batch":
        mode = fields.get("mode")
        notes = ("remove it: `online` is the default, and replies are shared between the two when batch arrives",)
        place = mode.place if mode else item.name_place
        report.add("TAP403", "`mode batch` comes with the second release", place, notes=notes)
    overhead = fields.read("overhead")
    made: dict[str, Any] = {
        "revision": fields.read("revision"),
        "identity": fields.read("identity"),
        "urls": urls,
        "key": _key(item, fields, report),
        "price": _price(fields, report),
        "limit": _limit(fields, report),
        "context": fields.read("context"),
        "thinking": _thinking(fields, report),
        "token_field": fields.read("token_field"),
        "overhead": overhead,
        "sampling": sampling_of(fields, report),
        "transport": _transport(fields, report),
        "terms": fields.read("terms"),
    }
    if _failed(report, before) or not isinstance(model, str):
        return None
    shipped = None if simulated else known(model)
    for name in ("price", "token_field", "thinking"):
        if made[name] is None and shipped is not None:
            made[name] = getattr(shipped, name)
    if made["price"] is None and simulated:
        made["price"] = Price.trusted(input=0, output=0)
    report.origins_of(f"endpoint.{item.name}", item.place, ((c.head, c.place) for c in item.children or ()))
    values = {name: value for name, value in made.items() if value is not None}
    return Endpoint.trusted(name=item.name, model=model, **values)


def _failed(report: Report, before: int) -> bool:
    return any(d.severity == "error" for d in report.diagnostics[before:])


def _urls(fields: Fields, report: Report) -> tuple[str | EnvRef, ...] | None:
    item = fields.get("url")
    if item is None:
        return None
    if len(item.args) != 1:
        notes = ("write several replicas as a list: `url [a, b]`",)
        report.add("TAP104", "`url` takes one URL or a list", item.head_place, notes=notes)
        return None
    found: list[str | EnvRef] = []
    for arg in item.args[0].spread():
        url = _url(arg, report)
        if url is not None:
            found.append(url)
    return tuple(found)


def _url(arg: Arg, report: Report) -> str | EnvRef | None:
    if isinstance(arg.value, Call):
        reference = read_env(arg, report, default=True)
        if reference is not None and reference.default is not None and not _usable(reference.default, arg, report):
            return None
        return reference
    if not isinstance(arg.value, Quoted | Text):
        wrong_value("url", "a URL in quotes or `env(…)`", arg, 'url "http://localhost:8000/v1"', report)
        return None
    return arg.value.text if _usable(arg.value.text, arg, report) else None


def _usable(url: str, arg: Arg, report: Report) -> bool:
    from urllib.parse import urlsplit  # noqa: PLC0415 - slow to load, and simulated endpoints have no URL

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.username or parts.password or looks_secret(url):
        notes = ('put it into the environment: `url env("NAME")`, or use `key env("NAME")`',)
        report.add("TAP401", "this URL carries a credential in clear text", arg.place, notes=notes)
        return False
    odd = not url.isprintable() or " " in url
    if parts.scheme not in ("http", "https") or not host or not _HOST.fullmatch(host) or port == 0 or odd:
        notes = ('for example `url "http://localhost:8000/v1"`',)
        report.add("TAP404", f"`{url[:80]}` is not an http or https URL", arg.place, notes=notes)
        return False
    return True


def _key(owner: Item, fields: Fields, report: Report) -> EnvRef | None:
    item = fields.get("key")
    if item is None:
        return None
    variable = re.sub(r"[^A-Z0-9]+", "_", owner.name.upper()).strip("_") or "ENDPOINT"
    variable = f"{variable}_API_KEY" if variable[0].isalpha() else f"ENDPOINT_{variable}_API_KEY"
    if len(item.args) != 1:
        notes = (f'write `key env("{variable}")`',)
        report.add("TAP104", "`key` takes `env(…)`", item.head_place, notes=notes)
        return None
    arg = item.args[0].follow()
    if isinstance(arg.value, Call):
        return read_env(arg, report, default=False)
    clear_secret(arg, "an API key", variable, report)
    return None


def _price(fields: Fields, report: Report) -> Price | None:
    item = fields.get("price")
    if item is None:
        return None
    if item.children is not None and not item.args:
        return lower_price(item, report)
    if len(item.args) == 1 and item.children is None:
        arg = item.args[0] if item.args[0].word == "free" else item.args[0].follow()
        if arg.word == "free":
            return Price.trusted(input=0, output=0)
        if arg.word is not None:
            unknown_word("`price` cannot be", arg.word, ("free",), arg.place, report)
            return None
    notes = ("write `price free`, or `price { input $0.25/M, output $2.00/M }`",)
    report.add("TAP104", "`price` takes `free` or a block", item.place, notes=notes)
    return None


def _limit(fields: Fields, report: Report) -> Limit | None:
    inner = block(fields, "limit", report)
    if inner is None:
        return None
    return Limit.trusted(
        requests_per_minute=inner.read("requests"),
        tokens_per_minute=inner.read("tokens"),
        concurrency=inner.read("concurrency"),
    )


def block(fields: Fields, name: str, report: Report) -> Fields | None:
    """The fields of a block inside a block."""
    item = fields.get(name)
    if item is None:
        return None
    if item.children is None or item.args:
        report.add(
            "TAP104", f"`{name}` takes a block", item.head_place, notes=(f"for example `{fields.field(name).example}`",)
        )
        return None
    return Fields(item, fields.field(name).block, report)


def _thinking(fields: Fields, report: Report) -> Literal["off", "on"] | int | None:
    item = fields.get("thinking")
    if item is None:
        return None
    field = fields.field("thinking")
    if len(item.args) != 1 or item.children is not None:
        report.add("TAP104", "`thinking` takes `off`, `on` or a number of tokens", item.head_place)
        return None
    arg = item.args[0]
    if arg.word not in ("off", "on"):
        arg = arg.follow()
    if arg.word in ("off", "on"):
        return "off" if arg.word == "off" else "on"
    if isinstance(arg.value, Path):
        unknown_word("`thinking` cannot be", arg.value.text, field.words, arg.place, report)
        return None
    if not isinstance(arg.value, Number):
        wrong_value("thinking", "`off`, `on` or a number of tokens", arg, field.example, report)
        return None

    return read_number(arg, msgspec.structs.replace(field, type="count", least=1), report)


def _transport(fields: Fields, report: Report) -> Transport | None:
    inner = block(fields, "transport", report)
    if inner is None:
        return None
    values: dict[str, Any] = {}
    timeout = inner.read("timeout")
    if timeout is not None and not 0 < timeout <= _LONGEST:
        place = next(child.place for child in inner.all("timeout"))
        report.add(
            "TAP108", "`timeout` must be more than 0s and at most 7d", place, notes=("for example `timeout 120s`",)
        )
    elif timeout is not None:
        values["timeout_seconds"] = float(timeout)
    headers = read_headers(inner.all("header"), report)
    return Transport.trusted(**values, headers=headers)
