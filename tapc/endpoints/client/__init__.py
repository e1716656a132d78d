"""The client: one replica of an endpoint, asked once, its answer read or its failure classified.

- `client.py`: `ReplicaClient` sends a job in the protocol that its recipe names, and reads the answer.
- `transport.py`, `pool.py`, `connection.py`: HTTP/1.1 over sockets, or into a handler in this process.
- `intake.py`: bounds on the bytes of replies that are being received.
- `environment.py`: keys, headers and URLs, read from the environment; secrets stay in here.
- `waits.py`: how long a server asks to wait, in all the ways in which servers say so.

It never retries, never follows a redirect and sends nothing twice; see docs/decisions/transport.md for why the
transport is our own.
"""

from tapc.endpoints.client.client import Headers, ReplicaClient
from tapc.endpoints.client.connection import Answer
from tapc.endpoints.client.environment import Resolved, Target, resolve, secrets_of, stated_origins
from tapc.endpoints.client.pool import Address
from tapc.endpoints.client.transport import Handler
from tapc.endpoints.client.waits import exhausted, retry_after
from tapc.endpoints.replies.ends import explain_end, finish_outcome
from tapc.endpoints.replies.failures import Failure, TransportError
from tapc.outside.secrets import Secrets

__all__ = [
    "Address",
    "Answer",
    "Failure",
    "Handler",
    "Headers",
    "ReplicaClient",
    "Resolved",
    "Secrets",
    "Target",
    "TransportError",
    "exhausted",
    "explain_end",
    "finish_outcome",
    "resolve",
    "retry_after",
    "secrets_of",
    "stated_origins",
]
