"""The dispatcher: limits, retries, replicas, circuits, and the account around every request."""

from tapc.endpoints.dispatch.dispatcher import Dispatcher
from tapc.endpoints.dispatch.findings import authorise, keys_of
from tapc.endpoints.dispatch.policy import Policy
from tapc.endpoints.dispatch.queued_job import RequestCounts

__all__ = ["Dispatcher", "Policy", "RequestCounts", "authorise", "keys_of"]
