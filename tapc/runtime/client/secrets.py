"""Keys: kept out of everything that is stored or shown."""

import re
from urllib.parse import quote

MIN_LEAK = 16
"""A reply that holds a secret of so many characters is a leak; shorter ones (`EMPTY`) occur by chance."""

_MIN_MASK = 6


class Secrets:
    """Values that must never be seen. Has no representation that shows them."""

    __slots__ = ("_leaks", "_masks")

    def __init__(self, values: tuple[str, ...]) -> None:
        values = tuple(sorted({v for v in values if v}, key=len, reverse=True))
        forms = [form for v in values if len(v) >= MIN_LEAK for form in (v, v.replace("/", "\\/"), quote(v, safe=""))]
        self._leaks = tuple(dict.fromkeys(forms))
        shown = "|".join(_anyhow(v) for v in values if len(v) >= _MIN_MASK)
        self._masks = re.compile(shown) if shown else None

    def __repr__(self) -> str:
        return f"Secrets({len(self._leaks)})"

    def leaked(self, *texts: str) -> bool:
        """Whether a text holds one, as it is or as JSON and URLs write it."""
        return any(secret in text for secret in self._leaks for text in texts)

    def mask(self, text: str) -> str:
        """A text for people without them, however often they were quoted."""
        return text if self._masks is None else self._masks.sub("***", text)


def _anyhow(secret: str) -> str:
    """A pattern for a secret in which every sign may be escaped as JSON (within JSON) and URLs do it."""
    return "".join(
        c if c.isalnum() else rf"(?:(?i:%{ord(c):02x}|\\+u00{ord(c):02x})|\\*{re.escape(c)})" for c in secret
    )
