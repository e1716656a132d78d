"""Replies that the fast decoder rejected: read member by member, so that no oddity costs a text."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

from tapc.endpoints.replies.bodies import Brought, Unusable, bring
from tapc.endpoints.replies.patient import UNREAD, Document, NotJson, Span

_WRAPPERS = ("output", "response", "result", "data", "body")
"""Members in which gateways pass a reply on."""

_FIELDS = ("usage", "model", "system_fingerprint", "service_tier")
"""Members of a body besides its choices, in the order of `Chat`."""

_FINISHES = ("finish_reason", "finishReason", "stop_reason", "done_reason")
_MESSAGES = ("message", "delta", "text")

Headers = Sequence[tuple[bytes, bytes]]

Form = tuple[Headers, int]
"""Headers of an answer, and bytes its body may have once it is decompressed."""


class Unreadable(Exception):  # noqa: N818 - becomes a failure, which is a value
    """A success whose body is not a reply. Says why."""


class NoCompletion(Exception):  # noqa: N818 - becomes a failure, which is a value
    """A success whose body holds no completion, only what is to be said instead.

    Attributes:
        body: in plain JSON.
        usage: what it reports.
        status: the HTTP status that its error states; 0 where it states none.
    """

    def __init__(self, body: bytes, usage: object) -> None:
        super().__init__("the reply has no completion")
        self.body = body
        self.usage = usage
        self.status = _stated_status(body)


def _stated_status(body: bytes) -> int:
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return 0
    if not isinstance(value, dict):
        return 0
    outer = cast("dict[str, Any]", value)
    inner: Any = outer.get("error")
    for holder in (cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}, outer):
        for name in ("code", "status", "status_code", "http_code"):
            code: Any = holder.get(name)
            code = int(code) if isinstance(code, str) and code.isdigit() and len(code) == 3 else code
            if isinstance(code, int) and 400 <= code < 600:
                return code
    return 0


class Choice(msgspec.Struct):
    """One completion as it came."""

    message: dict[str, Any]
    finish_reason: Any = None
    index: Any = None
    error: Any = None


class Chat(msgspec.Struct):
    """A reply as it came."""

    choices: list[Choice]
    usage: Any = None
    model: Any = None
    system_fingerprint: Any = None
    service_tier: Any = None


class Datum(msgspec.Struct):
    """One score as it came."""

    data: Any = None
    score: Any = None
    index: Any = None


class Scores(msgspec.Struct):
    """Scores as they came."""

    data: list[Datum]
    usage: Any = None
    model: Any = None
    service_tier: Any = None


class PatientReader:
    """Reads bodies piece by piece.

    Args:
        odd: told of every oddity, by its kind.
    """

    def __init__(self, odd: Callable[[str], None]) -> None:
        self._odd = odd

    def chat(self, form: Form, body: bytes) -> Chat:
        """The reply in a body, member by member.

        Raises:
            Unreadable: there is none.
            NoCompletion: it says something else instead.
        """
        brought = self._bring(form, body)
        if brought.chat is not None:
            chat = brought.chat
            given: list[Any] = chat.get("choices") or []
            choices = [Choice(c.get("message") or {}, c.get("finish_reason"), c.get("index")) for c in given]
            if not choices:
                raise NoCompletion(msgspec.json.encode(chat), chat.get("usage"))
            return Chat(choices, *(chat.get(name) for name in _FIELDS))
        document = Document(brought.text)
        try:
            members, span = _reply_members(document, "choices")
            if (found := members.get("choices")) is None or document.text.startswith("null", found[0]):
                raise NoCompletion(
                    document.text[span[0] : span[1]].encode("utf-8", "surrogateescape"),
                    self._field(document, members, "usage"),
                )
            choices = [self._choice(document, one) for one in document.elements(found)]
        except NotJson as error:
            raise Unreadable(f"the reply cannot be read: {error}") from None
        if document.text[span[1] :].strip():
            self._odd("text after the JSON")
        fields = [self._field(document, members, name) for name in _FIELDS]
        return Chat(choices, *fields)

    def _bring(self, form: Form, body: bytes) -> Brought:
        try:
            brought = bring(form[0], body, form[1])
        except Unusable as error:
            raise Unreadable(str(error)) from None
        for kind in brought.oddities:
            self._odd(kind)
        return brought

    def _choice(self, document: Document, span: Span) -> Choice:
        """One completion, its message member by member."""
        if not document.is_object(span):
            raise NotJson("a choice is not an object")
        members = document.members(span)
        name = next((n for n in _MESSAGES if n in members), None)
        if name is None:
            raise NotJson("a choice has no message")
        message: dict[str, Any] = {}
        if document.is_object(members[name]):
            inside = document.members(members[name])
            message = {field: self._field(document, inside, field) for field in inside}
        else:
            message["content"] = document.value(members[name])
            self._odd("the message is a text")
        if message.get("content") is UNREAD:
            raise NotJson("the text of a choice cannot be decoded")
        end = next((self._field(document, members, n) for n in _FINISHES if n in members), None)
        return Choice(message, end, self._field(document, members, "index"), self._field(document, members, "error"))

    def _field(self, document: Document, members: dict[str, Span], name: str) -> Any:
        """A member's value; what cannot be decoded is as if it were not there."""
        value = document.value(members.get(name))
        if value is UNREAD:
            if name == "content":
                return value
            self._odd(f"{name[:40]} cannot be decoded")
            return None
        return value

    def scores(self, form: Form, body: bytes) -> Scores:
        """The scores in a body, member by member; raises like `chat`."""
        document = Document(self._bring(form, body).text)
        try:
            members, span = _reply_members(document, "data")
            if (found := members.get("data")) is None or not document.text.startswith("[", found[0]):
                whole = document.text[span[0] : span[1]].encode("utf-8", "surrogateescape")
                raise NoCompletion(whole, self._field(document, members, "usage"))
            data: list[Datum] = []
            for one in document.elements(found):
                inside = document.members(one)
                data.append(Datum(*(self._field(document, inside, n) for n in ("data", "score", "index"))))
        except NotJson as error:
            raise Unreadable(f"the reply cannot be read: {error}") from None
        fields = [self._field(document, members, name) for name in ("usage", "model", "service_tier")]
        return Scores(data, *fields)


def _reply_members(document: Document, wanted: str) -> tuple[dict[str, Span], Span]:
    """Members of the object that holds the reply, and its span; gateways wrap it, some in a list.

    Raises:
        NotJson: there is no object.
    """
    span = document.whole()
    if document.text.startswith("[", span[0]):
        inside = document.elements(span)
        if len(inside) != 1:
            raise NotJson("it is a list")
        return document.members(inside[0]), span
    members = document.members(span)
    if wanted not in members and "error" not in members:
        for name in _WRAPPERS:
            if name in members and document.is_object(members[name]):
                inner = document.members(members[name])
                if wanted in inner:
                    return {**members, **inner}, span
    return members, span
