"""Encodings of a text: base64, hexadecimal, and the escapes of JSON, Python, URLs and HTML."""

import base64
import re
from functools import cache

ROUNDS = 4
"""Most layers of escapes that are removed: JSON in JSON in a URL in HTML."""

_ESCAPE = re.compile(
    r"\\+u00([0-9a-f]{2})|\\+x([0-9a-f]{2})|\\+u\{0*([0-9a-f]{1,2})\}|%([0-9a-f]{2})|\\+([^\w\s])", re.IGNORECASE
)
_RUN = re.compile(r"[a-z0-9]+")
# Escaped letters and digits in lower case; escapes of other characters do not interrupt a run of them.
_ALNUM = r"(?:3[0-9]|[46][1-9a-f]|[57][0-9a])"
_HEX = re.compile(rb"%[2-7][0-9a-f]")  # patterns without alternatives at a position are searched three times as fast
_ENTITY = re.compile(rb"&(?:#|amp;(?:#|amp;))")
_PERCENT = re.compile(rf"%(?:25)*(?:{_ALNUM}|26%23)".encode())
_BACKSLASH = re.compile(rf"\\(?:u00|x|u\{{0*)(?:{_ALNUM}|2[56]|5c)".encode())


def base64_cores(secret: bytes) -> list[str]:
    """The base64 of a secret within a longer text: one core for each of the three offsets at which it can begin.

    Characters that also depend on the bytes before and after the secret are left out. With `k` bytes before it,
    character `j` encodes bits `6j..6j+5`, and the secret of `n` bytes occupies bits `8k..8(k+n)-1`.
    """
    cores: list[str] = []
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + secret).decode()
        cores.append(whole[-(-8 * before // 6) : 8 * (before + len(secret)) // 6])
    return cores


def needles(secret: str) -> list[str]:
    """A secret, in lower case, as itself, in base64 of both alphabets and in hexadecimal.

    If the secret contains something like an escape, its unescaped form is added.
    """
    raw = secret.encode()
    cores = base64_cores(raw)
    safe = [core.replace("+", "-").replace("/", "_") for core in cores]
    plain = [secret]
    while (undone := unescaped(plain[-1])) != plain[-1]:
        plain.append(undone)
    return list(dict.fromkeys(form.lower() for form in (*plain, *cores, *safe, raw.hex())))


def fragment(needle: str) -> bytes:
    """The longest run of letters and digits of a needle, which escapes of other characters do not interrupt.

    Empty, and so found everywhere, if there is none.
    """
    return max(_RUN.findall(needle), key=len, default="").encode()


def escapes_letters(lowered: bytes) -> bool:
    """Whether a text in lower case escapes letters or digits; few texts do."""
    return (
        (b"%" in lowered and _HEX.search(lowered) is not None and _PERCENT.search(lowered) is not None)
        or (b"&" in lowered and _ENTITY.search(lowered) is not None)
        or (b"\\" in lowered and _BACKSLASH.search(lowered) is not None)
    )


def unescaped(text: str) -> str:
    """A text with one layer of escapes removed."""
    if "&" in text:
        import html  # noqa: PLC0415 - its tables are large, and few texts need them

        text = html.unescape(text)
    return _ESCAPE.sub(_char, text)


def _char(match: "re.Match[str]") -> str:
    code = match[1] or match[2] or match[3] or match[4]
    return chr(int(code, 16)) if code else match[5]


@cache
def _entities() -> dict[str, list[str]]:
    """Names of ASCII characters in HTML."""
    import html.entities  # noqa: PLC0415 - the same

    names: dict[str, list[str]] = {}
    for name, value in html.entities.html5.items():
        if len(value) == 1 and value.isascii() and name.endswith(";"):
            names.setdefault(value, []).append(name)
    return names


def any_escape(char: str, *, fold: bool) -> str:
    """A pattern for a character in any of its escaped forms; with `fold`, letters match either case."""
    code = ord(char)
    forms = [
        rf"(?i:%(?:25)*{code:02x}|\\+u00{code:02x}|\\+x{code:02x}|&(?:amp;)*\#0*{code};?|&(?:amp;)*\#x0*{code:x};?)"
    ]
    if fold and char.isalpha():
        other = ord(char.swapcase())
        forms.append(rf"(?i:%(?:25)*{other:02x}|\\+u00{other:02x}|\\+x{other:02x}|&\#0*{other};?|&\#x0*{other:x};?)")
    forms += [rf"&(?:amp;)*{re.escape(name)}" for name in _entities().get(char, ())]
    literal = rf"(?i:{char})" if fold and char.isalpha() else re.escape(char)
    bare = literal if char.isalnum() else rf"\\*{literal}"
    return f"(?:{'|'.join(forms)}|{bare})"
