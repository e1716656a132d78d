"""Keys: kept out of everything that is stored or shown."""

MIN_LEAK = 16
"""A reply that holds a secret of so many characters is a leak; shorter ones (`EMPTY`) occur by chance."""

_MIN_MASK = 6


class Secrets:
    """Values that must never be seen. Has no representation that shows them."""

    __slots__ = ("_leaks", "_masks")

    def __init__(self, values: tuple[str, ...]) -> None:
        values = tuple(sorted({v for v in values if v}, key=len, reverse=True))
        self._leaks = tuple(v for v in values if len(v) >= MIN_LEAK)
        self._masks = tuple(v for v in values if len(v) >= _MIN_MASK)

    def __repr__(self) -> str:
        return f"Secrets({len(self._masks)})"

    def leaked(self, *texts: str) -> bool:
        """Whether a text holds one."""
        return any(secret in text for secret in self._leaks for text in texts)

    def mask(self, text: str) -> str:
        """A text for people without them."""
        for secret in self._masks:
            text = text.replace(secret, "***")
        return text
