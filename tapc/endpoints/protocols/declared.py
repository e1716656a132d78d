"""The registered endpoint protocols. A new one is a module or folder of this package and a line here."""

from tapc.endpoints.protocols.chat import CHAT
from tapc.endpoints.protocols.protocol import EndpointProtocol
from tapc.endpoints.protocols.scores import POOLING, SCORE
from tapc.jobs import Recipe

PROTOCOLS: tuple[EndpointProtocol, ...] = (CHAT, POOLING, SCORE)


def protocol_of(recipe: Recipe) -> EndpointProtocol:
    """The protocol that the jobs of a recipe speak."""
    return next(protocol for protocol in PROTOCOLS if protocol.name == recipe.kind)
