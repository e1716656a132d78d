"""The dispatcher: limits, retries, replicas, circuits, and the ledger around every request."""

from tapc.endpoints.dispatch.counts import Tally
from tapc.endpoints.dispatch.dispatcher import Dispatcher, OnResult
from tapc.endpoints.dispatch.findings import authorise, keys_of
from tapc.endpoints.dispatch.item import NoReply, Reason
from tapc.endpoints.dispatch.ledger import Ledger
from tapc.endpoints.dispatch.policy import Policy

__all__ = ["Dispatcher", "Ledger", "NoReply", "OnResult", "Policy", "Reason", "Tally", "authorise", "keys_of"]
