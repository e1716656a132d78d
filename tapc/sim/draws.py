"""Deterministic draws from a digest; the endpoint owns no random state."""

import hashlib

import msgspec


class Draws:
    """A stream of choices that is a function of the key alone.

    The digest is read as one large number in a mixed base: each choice of n things takes the remainder by n. A refill
    hashes the key with a counter. The bias is below 2**-60.
    """

    __slots__ = ("_count", "_key", "_pool")

    def __init__(self, key: bytes, purpose: bytes = b"") -> None:
        self._key = hashlib.blake2b(key, digest_size=32, person=purpose[:16]).digest()
        self._count = 0
        self._pool = 0

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        if self._pool >> 64 < n:
            self._count += 1
            block = hashlib.blake2b(self._key + self._count.to_bytes(4, "big")).digest()
            self._pool = int.from_bytes(block, "big") | 1 << 512
        self._pool, choice = divmod(self._pool, n)
        return choice

    def unit(self) -> float:
        """A number in [0, 1)."""
        return self.below(1 << 32) / (1 << 32)

    def pick(self, things: "tuple[str, ...] | list[str]") -> str:
        """One of several texts."""
        return things[self.below(len(things))]

    def normal(self) -> float:
        """About a standard normal deviate (sum of twelve uniforms, never beyond 6)."""
        return sum(self.below(4096) for _ in range(12)) / 4096 - 6.0


def digest(*parts: bytes | str | float | None) -> bytes:
    """A 32-byte digest of parts; they are framed as a JSON list, so that they cannot run into each other."""
    return hashlib.blake2b(_encode(parts), digest_size=32).digest()


_encode = msgspec.json.Encoder().encode


def chance(rate: float, key: bytes, purpose: bytes) -> bool:
    """Whether something that happens at a rate happens to this key."""
    if rate <= 0.0:
        return False
    drawn = int.from_bytes(hashlib.blake2b(key, digest_size=8, person=purpose[:16]).digest(), "big")
    return drawn < rate * 2.0**64
