"""What can go wrong with a request, sorted by what it means for money and for trying again."""

import json
import re
from typing import Any, Literal, cast

import msgspec

from tapc.outside.secrets import Secrets

Bill = Literal["unbilled", "unknown"]
"""`unbilled`: proven; nothing was written, or the answer is a complete refusal. `unknown`: it may have been charged.

What proves that nothing is billed: no connection, so that nothing was written, or a complete answer whose status says
that the request was not taken on (`REFUSED`, and redirects). Everything else proves nothing: a request that was written
and got no complete answer, whatever ended it; a success that cannot be read; and every status that can come from a
server, or from a gateway before it, that gave up on a generation already under way: 408 and 499 (time-outs, of the
server and of the party before it), 424 (text-generation-inference and Bedrock: the model failed in the middle), 5xx,
and statuses that are not defined.
"""

Fault = Literal["", "auth", "missing", "redirect", "quota"]
"""What no further request can get around: the key, the route or model, a redirect, no credit."""

Kind = Literal[
    "dns",  # the name does not resolve
    "connect",  # no connection: refused, unreachable, TLS
    "timeout",  # no complete answer in time
    "dropped",  # the connection ended before the answer did
    "oversize",  # more header or body than any reply can have
    "malformed",  # an answer that is not HTTP, or a success whose body cannot be read
    "broken",  # a success that says its generation broke off, or holds an error instead of a completion
    "status",  # a complete answer with an error status
]


MOST_TRIES = 3
"""Of a job whose generation broke off, or that an endpoint answers with an error under a status of success."""


class TransportError(Exception):
    """A request that got no complete answer.

    Attributes:
        kind: see `Kind`.
        written: whether any byte of the request may have left.
    """

    def __init__(self, kind: Kind, detail: str, *, written: bool) -> None:
        super().__init__(detail)
        self.kind: Kind = kind
        self.written = written


class Failure(msgspec.Struct, frozen=True):
    """A request that got no usable reply.

    Attributes:
        bill: what the ledger must assume.
        kind: see `Kind`.
        status: HTTP status, 0 where there was none.
        detail: for people; secrets are masked.
        retry: whether another try may help.
        congested: whether the server asks for less (429, 503, 529): concurrency shrinks.
        retry_after: seconds the server asks to wait, None where it does not say.
        changed: the next try will be another request, without what the server refused.
        fault: what is wrong with the endpoint as a whole, so that no request to it can succeed; empty otherwise.
        most: tries of one job at most that end like this, None where the dispatcher's policy decides.
        cause: what `replies.toml` says of the body, such as `too-long`; empty otherwise.
    """

    bill: Bill
    kind: Kind
    detail: str
    status: int = 0
    retry: bool = False
    congested: bool = False
    retry_after: float | None = None
    changed: bool = False
    fault: Fault = ""
    most: int | None = None
    cause: str = ""


REFUSED = frozenset(
    {400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 425, 426, 428}
    | {429, 431, 451, 498}
)
"""Statuses by which a server turns a request down before it works on it. Sources: RFC 9110, 4918 (423), 6585 (428, 429,
431), 7725 (451), 8470 (425); Groq's error codes (498: no capacity in the flex tier, "will not be processed")."""

RETRIED = frozenset({408, 409, 423, 424, 425, 429, 498, 499})
CONGESTED = frozenset({429, 498, 503, 529})


def of_transport(error: TransportError, detail: str) -> Failure:
    """Classify a request without a complete answer; all of them may be tried again."""
    bill: Bill = "unknown" if error.written else "unbilled"
    return Failure(bill, error.kind, detail, retry=True, congested=error.kind == "timeout")


def of_status(status: int, detail: str, retry_after: float | None) -> Failure:
    """Classify a complete answer that is not a reply; see `Bill` for what it proves."""
    fault: Fault = ""
    if status in (401, 403):
        fault = "auth"
    elif status in (404, 405):
        fault = "missing"
    elif 300 <= status < 400:
        fault = "redirect"
    elif status == 402:
        fault = "quota"
    return Failure(
        "unbilled" if status in REFUSED or 300 <= status < 400 else "unknown",
        "status",
        detail,
        status=status,
        retry=status in RETRIED or status >= 500,
        congested=status in CONGESTED,
        retry_after=retry_after,
        fault=fault,
    )


_SURROGATE = re.compile("[\ud800-\udfff]")


def error_text(body: bytes, secrets: Secrets) -> str:
    """The message in an error body, in any of the shapes servers use, at most 300 characters.

    Secrets are masked before anything is cut: half a key would no longer be recognized.
    """
    whole = secrets.mask(body[:65536].decode("utf-8", "replace"))
    try:
        value: Any = json.loads(whole)
    except (ValueError, RecursionError):
        text = whole[:2000]
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:300]
    if isinstance(value, list) and len(cast("list[Any]", value)) == 1:
        value = cast("list[Any]", value)[0]
    for name in ("error", "detail", "errors", "message"):
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            value = fields.get(name) or fields
    shown: str = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return secrets.mask(" ".join(_SURROGATE.sub("\ufffd", shown).split()))[
        :300
    ]  # again: JSON can write a key with escapes
