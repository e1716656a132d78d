"""The client: one replica of an endpoint, asked once, its answer read or its failure classified."""

from tapc.endpoints.client.client import Headers, ReplicaClient
from tapc.endpoints.client.connection import Answer
from tapc.endpoints.client.environment import Resolved, Target, resolve, secrets_of
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
]
