"""Endpoint protocols as slices: everything about one way to ask an endpoint stands together.

A protocol says which path a request goes to, what its body is, how a reply is read, and what is left out or renamed
when an endpoint refuses it (`protocol.py`: `EndpointProtocol` and `Speaker`). The jobs of a recipe speak the protocol
whose name is the recipe's `kind`. `declared.py` lists the protocols; the client and the dispatcher take such a list as
an argument and know no protocol by name.

To add one, write a module (`scores.py` is the smallest) and add it to `declared.py`. Parts that several need, such as
usage and odd bodies, are in `tapc.endpoints.replies`; connections, retries and money are not a protocol's business.
"""

from tapc.endpoints.protocols.chat import LIMIT_FIELDS
from tapc.endpoints.protocols.declared import PROTOCOLS, protocol_of
from tapc.endpoints.protocols.protocol import Capabilities, EndpointProtocol, ReplyContext, Speaker, bound

__all__ = [
    "LIMIT_FIELDS",
    "PROTOCOLS",
    "Capabilities",
    "EndpointProtocol",
    "ReplyContext",
    "Speaker",
    "bound",
    "protocol_of",
]
