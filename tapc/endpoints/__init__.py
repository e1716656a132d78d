"""Asks model endpoints: what is sent, how it travels, when, and what the answers mean.

Four packages, each knowing only those after it:

- `dispatch`: keeps the requests of a run in order. Each job is claimed on the run's account, takes a permit, is sent,
  and is settled before its answer is handed on; windows, rate limits, retries, circuits and other runs are seen to.
- `client`: sends one request to one URL, over a transport of its own (docs/decisions/transport.md), and turns the
  answer into a `Reply` or a `Failure`. It never retries.
- `protocols`: the ways to ask an endpoint, one slice each: path, body, reading, and what adapts to a refusal.
- `replies`: the parts that reading consists of: odd bodies, finish words, usage, schemas, errors.

`protocol.py` is what others know of this package: `JobSender` (jobs go in), `AnswerSink` and `Answers` (answers come
out), `NoReply`. The engine imports nothing else of it.

Of the store, `dispatch` knows the `Account` in `tapc/store/protocol.py`. Steps, plans and datasets are not known here.

Start reading in `dispatch/attempt.py` (one try of one job, from claim to settlement), then `client/client.py`. To speak
to another kind of server, add a protocol (`protocols/__init__.py` says how); to understand another server's errors or
finish words, add a line with its source to `replies/replies.toml`.
"""

from tapc.endpoints.protocol import Answers, AnswerSink, JobSender, NoReply, Reason

__all__ = ["AnswerSink", "Answers", "JobSender", "NoReply", "Reason"]
