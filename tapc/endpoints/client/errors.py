"""What an error body says, for people."""

import json
import re
from typing import Any, cast

from tapc.outside.secrets import Secrets

_SURROGATE = re.compile("[\ud800-\udfff]")


def error_text(body: bytes, secrets: Secrets) -> str:
    """The message in an error body, in any of the shapes servers use, at most 300 characters.

    Secrets are masked before anything is cut: half a key would no longer be recognised.
    """
    whole = secrets.mask(body[:65536].decode("utf-8", "replace"))
    try:
        value: Any = json.loads(whole)
    except (ValueError, RecursionError):
        text = whole[:2000]
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:300]
    if isinstance(value, list) and len(cast("list[Any]", value)) == 1:
        value = cast("list[Any]", value)[0]
    for name in ("error", "detail", "errors", "message"):
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            value = fields.get(name) or fields
    shown: str = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return secrets.mask(" ".join(_SURROGATE.sub("\ufffd", shown).split()))[
        :300
    ]  # again: JSON can write a key with escapes
