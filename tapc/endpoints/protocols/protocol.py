"""What an endpoint protocol is, what it is given, and what an endpoint turned out to be capable of."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

import msgspec

from tapc.endpoints.replies.failures import Failure
from tapc.endpoints.replies.structured import Schema
from tapc.endpoints.replies.unusual import Form, PatientReader
from tapc.jobs import Job, Recipe, Reply, WorstCase, worst_case
from tapc.outside.secrets import Secrets
from tapc.outside.visible import one_line

_KINDS = 64
"""Kinds of oddities that are counted apart; a server could make up any number."""

_NAME_SHOWN = 256
_NAMES = 256
"""Names that are remembered."""


def _ignore(_line: str) -> None:
    """Where no one is told."""


class Capabilities(msgspec.Struct):
    """What an endpoint turned out to take, remembered for one run; never part of a key.

    Attributes:
        refused: names of parameters that it refuses, and `route NAME` for protocols whose route it does not have.
            Replaced, never changed in place, so that requests made before can be told from those made after.
        tell: takes a line for people, each once.
        oddities: what was unusual in its replies, by kind.
        told: lines that were told.
    """

    refused: frozenset[str] = frozenset()
    tell: Callable[[str], None] = _ignore
    oddities: Counter[str] = msgspec.field(default_factory=Counter[str])
    told: set[str] = msgspec.field(default_factory=set[str])

    def refuse(self, name: str, line: str = "") -> None:
        """Remember that a parameter or route is refused, and tell people."""
        self.refused |= {name}
        if line:
            self.say(line)

    def forget(self) -> None:
        """Try refused parameters again; routes stay as they are."""
        self.refused = frozenset(name for name in self.refused if name.startswith("route "))
        self.oddities.clear()

    def say(self, line: str) -> None:
        """Tell a line, once."""
        if line not in self.told:
            self.told.add(line)
            self.tell(line)

    def odd(self, kind: str) -> None:
        """Count something unusual in a reply."""
        if kind not in self.oddities and len(self.oddities) >= _KINDS:
            kind = "others"
        self.oddities[kind] += 1


class ReplyContext:
    """What reading the replies of one server takes: where they come from, and what they must not hold.

    Args:
        origin: part of every reply.
        secrets: what a reply must not echo.
        capabilities: of the endpoint; oddities are counted there.
    """

    def __init__(self, origin: str, secrets: Secrets, capabilities: Capabilities) -> None:
        self.origin = origin
        self.secrets = secrets
        self.capabilities = capabilities
        self.odd = capabilities.odd
        self.patient = PatientReader(capabilities.odd)
        self._names: dict[tuple[str, int], str] = {}
        self._schemas: dict[bytes, Schema] = {}

    def name(self, given: object, what: str) -> str:
        """A name that a server gives itself, in what can be stored."""
        if isinstance(given, str):
            return self.kept(given, _NAME_SHOWN) if given else ""
        if given is not None:
            self.odd(f"{what} is not a text")
        return ""

    def kept(self, name: str, most: int) -> str:
        """A name as it can be stored and shown; servers repeat theirs in every reply."""
        found = self._names.get((name, most))
        if found is None:
            found = one_line(name[:512], most)
            if len(self._names) < _NAMES and len(name) <= _NAME_SHOWN:
                self._names[name, most] = found
        return found

    def schema(self, recipe: Recipe) -> Schema | None:
        """The schema that a recipe's replies must meet, compiled once."""
        text = recipe.schema
        if text is None:
            return None
        found = self._schemas.get(text)
        if found is None:
            found = self._schemas[text] = Schema(text)
        return found


class Speaker(Protocol):
    """Speaks a protocol for the jobs of one recipe, to an endpoint with given capabilities."""

    def encode(self, job: Job) -> bytes:
        """JSON text of a request's body."""
        ...

    def read(self, job: Job, body: bytes, worst: WorstCase, seconds: float, form: Form) -> Reply | Failure:
        """The reply in a body, or the failure that a completion reports of itself.

        Args:
            job: what was asked.
            body: of a successful answer, not empty.
            worst: bounds of the job, which are used for usage that is not reported.
            seconds: how long the answer took.
            form: headers of the answer, and bytes its body may have once it is decompressed.

        Raises:
            Unreadable: it is none.
            NoCompletion: it says something else instead.
        """
        ...

    def adapt(self, said: str) -> bool:
        """Note in the capabilities what a refusal rejects; whether the next request will look different.

        Args:
            said: codes and messages of the refusal, in lower case, one per line.
        """
        ...


class EndpointProtocol(msgspec.Struct, frozen=True):
    """One way to ask endpoints.

    Attributes:
        name: `Recipe.kind` of the jobs that speak it.
        path: from the path of the endpoint's URL (such as `/v1`) to the path of its requests.
        speaker: made once per recipe, and again when the capabilities have changed.
        fallback: name of the protocol that an endpoint without this route is tried with; empty for none.
        most_added: tokens at most that adapting adds to the prompt of a job with a schema.
    """

    name: str
    path: Callable[[str], str]
    speaker: Callable[[Recipe, Capabilities, ReplyContext], Speaker]
    fallback: str = ""
    most_added: int = 0

    @property
    def route(self) -> str:
        """What `Capabilities.refused` calls its route."""
        return f"route {self.name}"


def bound(job: Job, protocol: EndpointProtocol) -> WorstCase:
    """Worst case of a job as it may be sent: with the schema in the prompt where an endpoint refuses it elsewhere."""
    return worst_case(job, 0 if job.recipe.schema is None else protocol.most_added)
