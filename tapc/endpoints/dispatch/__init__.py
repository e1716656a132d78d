"""The dispatcher: limits, retries, replicas, circuits, and the account around every request.

- `dispatcher.py`: takes jobs, and puts what came of each into an `AnswerSink`, once.
- `endpoint_queue.py`: the queue of one endpoint, which starts an attempt when a permit, a rate and a replica allow.
- `attempt.py`: one try of one job: claim, permit, send, settle; and what follows a failure.
- `replica.py`, `origin.py`, `limits.py`: how many requests a URL, a server and a stated rate take.
- `faults.py`, `findings.py`: when an endpoint is given up, and what users are told.
- `peer_runs.py`: waiting for other runs on the same store, within bounds.
- `timings.py`: how long servers took, for later plans.
- `policy.py`: every bound of patience, in one place.

Start in `attempt.py`. The tests in `tests/endpoints/dispatch` run it against real sockets and a real store; each checks
that every job ends once and every claim is closed.
"""

from tapc.endpoints.dispatch.dispatcher import Dispatcher
from tapc.endpoints.dispatch.findings import authorize, keys_of
from tapc.endpoints.dispatch.policy import Policy
from tapc.endpoints.dispatch.queued_job import RequestCounts
from tapc.endpoints.dispatch.timings import ServerTimings, Timings

__all__ = ["Dispatcher", "Policy", "RequestCounts", "ServerTimings", "Timings", "authorize", "keys_of"]
