"""Names in lock files, escaped so that they cannot be taken for anything else."""

import re
from urllib.parse import unquote

RESERVED = re.compile(r"[\s%./:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\A~\Z")
"""Characters to escape, and the name that stands for a mix that a cell does not have."""

BLANK = re.compile(r"[\s%\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters to escape in paths of modules; dots and slashes have no meaning there."""

PARTS = re.compile(r"[\s%./:;,|*=+\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\A~\Z")
"""Characters to escape in values of late mixes, which other marks divide."""

ABSENT = "~"


class DamageError(Exception):
    """A line that cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def escape(name: str, reserved: re.Pattern[str] = RESERVED) -> str:
    """A name as it is written."""
    return reserved.sub(lambda m: _percent(m.group()), name) or "%"


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def unescape(text: str, reserved: re.Pattern[str] = RESERVED) -> str:
    """The name that was written.

    Raises:
        DamageError: it is not escaped as `escape` does.
    """
    if text == "%":
        return ""
    try:
        name = unquote(text, errors="surrogatepass")
    except UnicodeDecodeError as error:
        raise DamageError(f"`{text}` is not a name: {error.reason}") from error
    if not name or escape(name, reserved) != text:
        raise DamageError(f"`{text}` is not escaped correctly")
    return name
