"""What was sent and what came of it, for progress and `run.json`."""

import msgspec


class Tally(msgspec.Struct):
    """Counts of one step at one endpoint. Money in picodollars.

    Attributes:
        sent: requests that left, retries included.
        done: jobs with a reply (of any outcome).
        retried: requests beyond a job's first.
        failed: jobs without a reply.
        in_flight: requests on their way now.
        input_tokens, output_tokens, cost: of replies, as reported; worst cases of unknown outcomes are not in it.
        unknown: requests whose outcome is unknown and which were charged at the worst case.
        estimated: replies whose usage was not reported.
    """

    sent: int = 0
    done: int = 0
    retried: int = 0
    failed: int = 0
    in_flight: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    unknown: int = 0
    estimated: int = 0
