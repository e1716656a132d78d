"""The only code that computes the keys of jobs.

A key is a BLAKE2b-256 over everything that can change the reply and nothing else: realm, identity, parameters, schema,
draw group (hashed once per recipe), then messages and draw. Names, URLs, prices, limits and layout never enter.
"""

import hashlib

import msgspec

from tapc.jobs.job import Draw, Job, Message, Recipe

KEY_BYTES = 32
_VERSION = b"tapc.job/1\0"


class JobFactory:
    """Makes the jobs of one recipe, whose part of the key is hashed once."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._encoder = msgspec.msgpack.Encoder()
        static = (
            recipe.realm,
            recipe.identity,
            recipe.kind,
            recipe.parameters,
            recipe.schema,
            recipe.draw_group,
            recipe.seeded,
            recipe.thinking,
        )
        self._prefix = hashlib.blake2b(_VERSION + self._encoder.encode(static), digest_size=KEY_BYTES)

    def job(self, messages: tuple[Message, ...], draw: Draw) -> Job:
        """Build a job and its key."""
        state = self._prefix.copy()
        state.update(self._encoder.encode((messages, draw)))
        return Job(state.digest(), self.recipe, messages, draw)


def derived_seed(key: bytes) -> int:
    """31 bits of a key, sent as `seed` if an endpoint supports it and none is set."""
    return int.from_bytes(key[:4], "big") >> 1
