"""What is said about endpoints that cannot be used: one finding for one thing, however many endpoints it befalls."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.ir import Endpoint, EnvRef

NEXT = {
    "TAP905": "is the server running, and is its `url` right? `tapc doctor` asks it once",
    "TAP906": "check the endpoint's `url` (it usually ends in /v1) and `model`; `tapc doctor` lists its models",
    "TAP907": "write the address it redirects to as the endpoint's `url`; redirects are never followed with a key",
    "TAP908": "raise `overhead`, or set `token_field` to the name of the limit it honors (max_completion_tokens)",
    "TAP911": "raise the account's limit at the provider, then run again: what is stored is not asked again",
    "TAP912": "a parameter it does not know, or a prompt longer than its context? `tapc doctor` finds out",
    "TAP913": "add what it costs to the endpoint's `price`: `cache_write $…/M`, or `priority 200%`",
    "TAP916": "is its `url` that of an OpenAI-compatible API (it usually ends in /v1)? `tapc doctor` shows one reply",
}


class Finding(msgspec.Struct, frozen=True):
    """Something about one endpoint.

    Attributes:
        code: of the diagnostic.
        endpoint: its name.
        said: what is wrong, after the endpoint's name.
        notes: next steps.
        severity: of the diagnostic.
        server: where what is wrong is wrong with a whole server, its address, so that it is said once for all its
            endpoints; else empty.
    """

    code: str
    endpoint: str
    said: str
    notes: tuple[str, ...]
    severity: Literal["error", "warning"] = "error"
    server: str = ""

    @property
    def message(self) -> str:
        """The whole sentence."""
        return f"endpoint {self.endpoint!r}: {self.said}"


def diagnose(code: str, endpoint: str, said: str, *, keys: tuple[str, ...] = (), server: str = "") -> Finding:
    """A finding with the next step of its code.

    Args:
        code: of the diagnostic.
        endpoint: its name.
        said: what is wrong.
        keys: environment variables that hold the endpoint's key and secret headers.
        server: see `Finding`.
    """
    return Finding(code, endpoint, said, (authorize(keys) if code == "TAP904" else NEXT[code],), server=server)


def authorize(keys: tuple[str, ...]) -> str:
    """What to do about a key that is refused; `keys` are environment variables."""
    if not keys:
        return 'it states no `key`: export one and write key env("NAME")'
    named = " and ".join(keys)
    return f"check the value of the environment variable{'s' if len(keys) > 1 else ''} {named}: it is sent as the key"


def keys_of(endpoint: Endpoint) -> tuple[str, ...]:
    """Environment variables by which an endpoint is authorized: of its key and of secret headers."""
    refs = (endpoint.key, *(value for _, value in endpoint.transport.headers))
    return tuple(dict.fromkeys(ref.name for ref in refs if isinstance(ref, EnvRef)))


def together(findings: Iterable[Finding]) -> list[Diagnostic]:
    """Findings as diagnostics: those that say the same, or are about the same dead server, name all endpoints."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.severity, finding.server or f" {finding.said}"), []).append(finding)
    return [_one(group) for group in groups.values()]


def _one(group: list[Finding]) -> Diagnostic:
    first = group[0]
    names = [repr(name) for name in dict.fromkeys(finding.endpoint for finding in group)]
    notes = tuple(dict.fromkeys(note for finding in group for note in finding.notes))
    about = tuple(dict.fromkeys(f"endpoint.{finding.endpoint}" for finding in group))
    if len(names) == 1:
        return Diagnostic(first.code, first.severity, first.message, notes=notes, about=about)
    named = f"{', '.join(names[:-1])} and {names[-1]}"
    return Diagnostic(first.code, first.severity, f"endpoints {named}: {first.said}", notes=notes, about=about)
