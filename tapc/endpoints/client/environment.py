"""Reads what an endpoint takes from the environment, once, when a run starts."""

from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.endpoints.client.pool import Address
from tapc.ir import Endpoint, EnvRef
from tapc.outside.secrets import Secrets
from tapc.outside.strength import looks_random


class Target(msgspec.Struct, frozen=True):
    """One replica.

    Attributes:
        address: where to connect.
        host: `Host` header.
        path: of the base URL, without a trailing slash.
        query: of the base URL, with its `?`, or empty (Azure puts its version there).
        origin: what may be shown and stored: scheme and host, and the path where the spec states it.
    """

    address: Address
    host: str
    path: str
    query: str
    origin: str


class Resolved(msgspec.Struct, frozen=True):
    """An endpoint with everything that came from the environment.

    Attributes:
        endpoint: as declared.
        targets: its replicas; empty for the embedded simulated endpoint.
        key: None where the spec states none.
        headers: of the spec's `transport`.
        secrets: everything that must not be seen.
    """

    endpoint: Endpoint
    targets: tuple[Target, ...]
    key: str | None
    headers: tuple[tuple[str, str], ...]
    secrets: Secrets

    def __repr__(self) -> str:
        return f"Resolved({self.endpoint.name!r}, {[t.origin for t in self.targets]})"


def resolve(
    endpoint: Endpoint, environ: Mapping[str, str], secrets: Secrets | None = None
) -> tuple[Resolved | None, list[Diagnostic]]:
    """Read the environment references of an endpoint; None and the reasons where one cannot be had.

    Args:
        endpoint: as declared.
        environ: the environment.
        secrets: those of all endpoints of a run; by default the endpoint's own.
    """
    found: list[Diagnostic] = []
    urls = [(u, _value(endpoint, "url", u, environ, found)) for u in endpoint.urls]
    key = None if endpoint.key is None else _value(endpoint, "key", endpoint.key, environ, found)
    headers = [(n, v, _value(endpoint, f"header {n}", v, environ, found)) for n, v in endpoint.transport.headers]
    targets = tuple(t for ref, url in urls if url is not None and (t := _target(endpoint, ref, url, found)) is not None)
    if found:
        return None, found
    pairs = tuple((name, value or "") for name, _, value in headers)
    return Resolved(endpoint, targets, key, pairs, secrets or secrets_of((endpoint,), environ)), []


def stated_origins(endpoint: Endpoint) -> tuple[str, ...]:
    """`Target.origin` of each URL of an endpoint as far as it is known without the environment, where a default may be.

    A URL from a variable without a default is left out.
    """
    found: list[Diagnostic] = []
    urls = ((ref, ref.default if isinstance(ref, EnvRef) else ref) for ref in endpoint.urls)
    targets = (_target(endpoint, ref, url.strip(), found) for ref, url in urls if url)
    return tuple(target.origin for target in targets if target is not None)


def secrets_of(endpoints: Iterable[Endpoint], environ: Mapping[str, str]) -> Secrets:
    """Everything endpoints take from the environment that must not be seen: one set for a whole run.

    Keys, values of headers (of `Bearer …` what follows alone as well), and of URLs all but scheme and host. Of a path
    and a query the parts that look generated are looked for everywhere; paths such as `openai/deployments/support` are
    masked as a whole and kept out of what is written, but may occur in texts.
    """
    values: list[str] = []
    masked: list[str] = []
    for endpoint in endpoints:
        public = (endpoint.model.lower(), endpoint.identity.lower() if endpoint.identity else "", endpoint.name.lower())
        if endpoint.key is not None:
            values.append(environ.get(endpoint.key.name, "").strip())
        for ref in (value for _, value in endpoint.transport.headers if isinstance(value, EnvRef)):
            if value := environ.get(ref.name, "").strip():
                values += [value, value.rpartition(" ")[2]]
        for ref in (url for url in endpoint.urls if isinstance(url, EnvRef)):
            url = environ.get(ref.name, "").strip()
            if url and url != ref.default:
                generated, rest = _beyond_host(url, public)
                values += generated
                masked += rest
    return Secrets(values, masked)


def _beyond_host(url: str, public: Iterable[str]) -> tuple[list[str], list[str]]:
    """Parts of a URL behind its host: those that look generated, and the others worth masking."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return [], [url]
    pieces = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)), parts.fragment]
    pieces += [unquote(piece) for piece in pieces]
    generated = [p for p in pieces if looks_random(p) and not any(p.lower() in text for text in public)]
    if parts.password:
        generated.append(parts.password)
    values = [value for _, value in parse_qsl(parts.query)]
    return generated, [parts.path.strip("/"), parts.query, *values, *generated]


def _value(
    endpoint: Endpoint, what: str, ref: str | EnvRef, environ: Mapping[str, str], found: list[Diagnostic]
) -> str | None:
    """The text behind a reference; a variable that is not set is an error and its name is never used as a value."""
    value = ref if isinstance(ref, str) else environ.get(ref.name, ref.default)
    if isinstance(ref, EnvRef) and not value:
        default = f', or give a default: env("{ref.name}", "…")' if what == "url" else ""  # secrets have none
        found.append(
            Diagnostic(
                "TAP901",
                "error",
                f"endpoint {endpoint.name!r}: its {what} is read from the environment variable {ref.name}, which is "
                + ("empty" if value == "" else "not set"),
                notes=(f"export {ref.name}=…{default}", "nothing was sent"),
                about=_about(endpoint, what),
            )
        )
        return None
    value = (value or "").strip()
    if any(ord(c) < 32 or ord(c) == 127 for c in value) or not value.isascii():
        found.append(
            Diagnostic(
                "TAP902",
                "error",
                f"endpoint {endpoint.name!r}: its {what} holds characters that cannot be sent in an HTTP header or URL",
                notes=("keys and URLs are printable ASCII; look for a line end or a typographic quote",),
                about=_about(endpoint, what),
            )
        )
        return None
    return value


def _about(endpoint: Endpoint, what: str) -> tuple[str, ...]:
    """The part of the spec that names a key, URL or header."""
    return (f"endpoint.{endpoint.name}.{'transport' if what.startswith('header ') else what}",)


def _target(endpoint: Endpoint, ref: str | EnvRef, url: str, found: list[Diagnostic]) -> Target | None:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        parts, port, host = SplitResult("", "", "", "", ""), None, None
    if parts.scheme not in ("http", "https") or not host or any(c in url for c in ' "<>\\^`{|}'):
        shown = f"the value of {ref.name}" if isinstance(ref, EnvRef) else repr(url)
        found.append(
            Diagnostic(
                "TAP903",
                "error",
                f"endpoint {endpoint.name!r}: {shown} is not a URL that can be asked",
                notes=("write http://HOST[:PORT]/v1 or https://…",),
                about=_about(endpoint, "url"),
            )
        )
        return None
    if parts.username is not None or parts.password is not None:
        found.append(
            Diagnostic(
                "TAP903",
                "error",
                f"endpoint {endpoint.name!r}: its url holds a user name or password, which would be stored and shown",
                notes=('say it in a header: transport { header "Authorization" env("NAME") }',),
                about=_about(endpoint, "url"),
            )
        )
        return None
    tls = parts.scheme == "https"
    shown_host = f"[{host}]" if ":" in host else host
    netloc = shown_host if port is None else f"{shown_host}:{port}"
    path = parts.path.rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    hidden = isinstance(ref, EnvRef) and url != ref.default
    origin = f"{parts.scheme}://{netloc}" + ("" if hidden else path)
    return Target(Address(host, port or (443 if tls else 80), tls), netloc, path, query, origin)
