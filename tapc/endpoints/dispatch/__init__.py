"""The dispatcher: limits, retries, replicas, circuits, and the account around every request."""

from tapc.endpoints.dispatch.counts import Tally
from tapc.endpoints.dispatch.dispatcher import Dispatcher
from tapc.endpoints.dispatch.findings import authorise, keys_of
from tapc.endpoints.dispatch.policy import Policy

__all__ = ["Dispatcher", "Policy", "Tally", "authorise", "keys_of"]
