"""The client: one replica of an endpoint, asked once, its answer read or its failure classified."""

from tapc.outside.secrets import Secrets
from tapc.runtime.client.client import Headers, ReplicaClient
from tapc.runtime.client.connection import Answer
from tapc.runtime.client.ends import explain_end, finish_outcome
from tapc.runtime.client.environment import Resolved, Target, resolve, secrets_of
from tapc.runtime.client.failures import Failure, TransportError
from tapc.runtime.client.pool import Address
from tapc.runtime.client.request import LIMIT_FIELDS, PROMPTED_OVERHEAD, Habits
from tapc.runtime.client.retry_after import exhausted, retry_after
from tapc.runtime.client.transport import Handler

__all__ = [
    "LIMIT_FIELDS",
    "PROMPTED_OVERHEAD",
    "Address",
    "Answer",
    "Failure",
    "Habits",
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
