"""What speaks to model endpoints: the client that sends and reads, and the dispatcher that decides when.

`client` sends one request over HTTP and reads its answer into a `Reply` or a `Failure`; it knows nothing of a run.
`dispatch` keeps the requests of a run in order: windows, rate limits, retries, circuits, the claims of the ledger.
The store comes below, steps and plans are not known here. Start at `client/client.py`, then `dispatch/dispatcher.py`.
"""

from tapc.endpoints.protocol import Answers, AnswerSink, JobSender, NoReply, Reason

__all__ = ["AnswerSink", "Answers", "JobSender", "NoReply", "Reason"]
