"""The dispatcher: limits, retries, replicas, circuits, and the ledger around every request."""

from tapc.runtime.dispatch.counts import Tally
from tapc.runtime.dispatch.dispatcher import Dispatcher, OnResult
from tapc.runtime.dispatch.findings import authorise, keys_of
from tapc.runtime.dispatch.item import NoReply, Reason
from tapc.runtime.dispatch.ledger import Ledger
from tapc.runtime.dispatch.policy import Policy

__all__ = ["Dispatcher", "Ledger", "NoReply", "OnResult", "Policy", "Reason", "Tally", "authorise", "keys_of"]
