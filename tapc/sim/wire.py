"""What goes over the wire: requests as they are read, answers and errors in OpenAI's shapes."""

from typing import Any, Literal

import msgspec

CREATED = 1_700_000_000
"""Every answer's `created`: the endpoint has no clock, so that its bytes depend on the request alone."""

FINGERPRINT = "fp_tapc_sim_1"

JSON = (("content-type", "application/json"),)
encode = msgspec.json.Encoder().encode


class SimResponse(msgspec.Struct, frozen=True, gc=False):
    """An answer and what happens to it on the way.

    Attributes:
        status, headers, body: of HTTP; headers hold no `content-length`.
        delay_seconds: the time after which it is sent.
        drop: `before`: the connection closes without an answer; `midway`: after half of the body.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delay_seconds: float = 0.0
    drop: Literal["before", "midway"] | None = None


class BadRequest(Exception):  # noqa: N818 - becomes an answer, not a failure
    """A request that gets an error answer."""

    def __init__(self, message: str, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


class Part(msgspec.Struct):
    """A part of a message's content."""

    type: str = "text"
    text: str = ""


class ChatMessage(msgspec.Struct):
    """A message as it was sent."""

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """All text of the message."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content) if self.content else ""


class ChatRequest(msgspec.Struct):
    """The parts of a chat request that change the answer; others are accepted and ignored."""

    messages: list[ChatMessage]
    model: str = ""
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None
    reasoning_effort: str | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    sim: dict[str, Any] | None = None

    @property
    def limit(self) -> int | None:
        """The output limit, in whichever field it was sent."""
        return self.max_completion_tokens if self.max_completion_tokens is not None else self.max_tokens


class Choice(msgspec.Struct, frozen=True):
    """One completion, before it is put on the wire."""

    text: str
    finish: str = "stop"
    refusal: str | None = None
    reasoning: str | None = None
    tokens: int = 0


def error_body(message: str, kind: str, code: str | None = None, param: str | None = None) -> bytes:
    """An error in OpenAI's shape."""
    return encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


def error_response(error: BadRequest) -> SimResponse:
    """The answer to a request that cannot be served."""
    kind = "authentication_error" if error.status == 401 else "invalid_request_error"
    return SimResponse(error.status, JSON, error_body(str(error), kind, error.code, error.param))


def read_chat(body: bytes) -> ChatRequest:
    """Decode and check a chat request.

    Raises:
        BadRequest: not JSON, or values no server would take.
    """
    try:
        request = _CHAT.decode(body)
    except msgspec.ValidationError as error:
        raise BadRequest(f"invalid request: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not request.model:
        raise BadRequest("you must provide a model parameter", param="model")
    if not request.messages:
        raise BadRequest("messages must hold at least one message", param="messages")
    _check_ranges(request)
    return request


def _check_ranges(request: ChatRequest) -> None:
    if request.limit is not None and request.limit < 1:
        raise BadRequest(f"max_tokens must be at least 1, not {request.limit}", param="max_tokens")
    if request.n is not None and not 1 <= request.n <= 128:
        raise BadRequest(f"n must be from 1 to 128, not {request.n}", param="n")
    if request.temperature is not None and not 0.0 <= request.temperature <= 2.0:
        raise BadRequest(f"temperature must be from 0 to 2, not {request.temperature}", param="temperature")
    if request.top_p is not None and not 0.0 <= request.top_p <= 1.0:
        raise BadRequest(f"top_p must be from 0 to 1, not {request.top_p}", param="top_p")
    stops = request.stop if isinstance(request.stop, list) else []
    if len(stops) > 16 or "" in stops or request.stop == "":
        raise BadRequest("stop must be a text or at most 16 texts, none of them empty", param="stop")
    for message in request.messages:
        if message.role not in _ROLES:
            raise BadRequest(f"unknown role {message.role!r}", param="messages")


_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_CHAT = msgspec.json.Decoder(ChatRequest)
