"""`env("NAME")` and secrets in clear text."""

import re

from tapc.diagnostics import Edit, Fix
from tapc.ir import EnvRef
from tapc.outside.key_shapes import find_keys
from tapc.semantics.compose import Arg
from tapc.semantics.report import Report
from tapc.syntax.nodes import Call, Quoted

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(
    r"(?i)\b(?:bearer|basic)\s+\S{8,}|\b(?:sk|pk|rk|hf|ghp|gho|glpat|xox[abp]|gsk|nvapi|r8)[-_][A-Za-z0-9_-]{8,}|\bAKIA[0-9A-Z]{12,}"
)
_SECRET_HEADER = re.compile(r"(?i)auth|api-?key|token|secret|cookie|password|credential")


def read_env(arg: Arg, report: Report, *, default: bool) -> EnvRef | None:
    """An environment reference; `default` says whether a second argument is allowed."""
    call = arg.value
    if not isinstance(call, Call):
        return None
    if call.name.text != "env":
        place = Arg(call.arguments[0], arg.scope).place if call.arguments else arg.place
        report.add("TAP104", f"`{call.name.text}(…)` means nothing here; only `env(…)` does", place)
        return None
    texts = [part.text for part in call.arguments if isinstance(part, Quoted)]
    if len(texts) != len(call.arguments) or not 1 <= len(texts) <= 2 or not _VARIABLE.fullmatch(texts[0]):
        notes = ('write `env("NAME")`, NAME in letters, digits and `_`',)
        report.add("TAP104", "`env` takes the name of a variable in quotes", arg.place, notes=notes)
        return None
    if len(texts) == 2 and not default:
        place = Arg(call.arguments[1], arg.scope).place
        notes = (f'write `env("{texts[0]}")`',)
        report.add(
            "TAP401", "a secret cannot have a default: it would be in the spec in clear text", place, notes=notes
        )
        return None
    return EnvRef.trusted(name=texts[0], default=texts[1] if len(texts) == 2 else None)


def looks_secret(text: str) -> bool:
    """Whether a text has the shape of a key or a credential."""
    return _SECRET.search(text) is not None or bool(find_keys(text))


def is_secret_header(name: str) -> bool:
    """Whether a header of this name carries a credential."""
    return _SECRET_HEADER.search(name) is not None


def clear_secret(arg: Arg, what: str, variable: str, report: Report) -> None:
    """Report a secret in clear text, without ever repeating it."""
    fix = Fix(
        f"read it from the environment variable {variable}",
        (Edit(arg.scope.file, arg.value.span, f'env("{variable}")'),),
        safe=False,
    )
    notes = (
        f'write `env("{variable}")` and set {variable} where you run tapc',
        "treat the one written here as leaked: revoke it",
    )
    report.add("TAP401", f"{what} is in the spec in clear text", arg.place, notes=notes, fixes=(fix,))
