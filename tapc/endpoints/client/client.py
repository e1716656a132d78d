"""One replica of an endpoint: heads and keys as the openai package makes them, a transport of our own."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from tapc.endpoints.client.connection import Answer
from tapc.endpoints.client.environment import Resolved, Target
from tapc.endpoints.client.intake import Allowance, reply_bytes
from tapc.endpoints.client.pool import Pool
from tapc.endpoints.client.transport import Carrier, Handler, ProcessCarrier, SocketCarrier, Transport, http_module
from tapc.endpoints.client.waits import exhausted, retry_after, wait_in_body
from tapc.endpoints.protocols import PROTOCOLS, Capabilities, EndpointProtocol, ReplyContext, Speaker
from tapc.endpoints.replies.bodies import Unusable, decompress
from tapc.endpoints.replies.ends import error_mark, spoken
from tapc.endpoints.replies.failures import MOST_TRIES, Failure, TransportError, error_text, of_status, of_transport
from tapc.endpoints.replies.unusual import NoCompletion, Unreadable
from tapc.endpoints.replies.usage import read_usage
from tapc.jobs import Job, Recipe, Reply, Usage, WorstCase

MAX_CONNECTIONS = 4096
"""Of one replica; the dispatcher's permits are the real bound."""

Headers = list[tuple[bytes, bytes]]

_SIMULATED = "sim:"
_SHOWN = 300
_RESET_SECONDS = 60.0
"""Longest wait for a limit to be reset where the server names no wait of its own: part of it comes back earlier."""

_UNREADABLE_TRIES, _UNREADABLE_NOW_AND_THEN = 2, 4
"""Of a job whose reply cannot be read, which is paid for each time: once more, since a proxy may have been in the way;
oftener where other replies of the server could be read, so that it is not its way of answering."""

_ADAPTED = frozenset({400, 422})


class ReplicaClient:
    """Sends jobs to one replica; never retries, never follows a redirect, sends nothing twice.

    Args:
        resolved: the endpoint with its key and headers.
        target: the replica, or None for the embedded simulated endpoint.
        capabilities: shared by the replicas of an endpoint.
        handler: answers requests where there is no target.
        protocols: those that jobs may speak.
    """

    def __init__(
        self,
        resolved: Resolved,
        target: Target | None,
        capabilities: Capabilities,
        handler: Handler | None = None,
        protocols: Sequence[EndpointProtocol] = PROTOCOLS,
    ) -> None:
        import openai  # noqa: PLC0415 - heavy, and only runs that ask need it

        endpoint = resolved.endpoint
        self.seconds = endpoint.transport.timeout_seconds
        self.origin = _SIMULATED if target is None else target.origin
        self.remote = target is not None
        self.server = "" if target is None else f"{target.address.host}:{target.address.port}"
        self._secrets = resolved.secrets
        self._capabilities = capabilities
        self._carrier: Carrier
        if target is None:
            if handler is None:
                raise ValueError(f"endpoint {endpoint.name!r} has no URL and no handler")
            self._carrier = ProcessCarrier(handler)
        else:
            self._carrier = SocketCarrier(Pool(target.address, MAX_CONNECTIONS))
        http: Any = http_module()
        self._web: Any = http.AsyncClient(
            transport=Transport(self._carrier, http, self.seconds),
            trust_env=False,
            follow_redirects=False,
            timeout=self.seconds,
        )
        self.openai: Any = openai.AsyncOpenAI(
            api_key=resolved.key or "-",
            base_url="http://sim" if target is None else target.origin,
            organization="",
            project="",
            max_retries=0,
            http_client=self._web,
        )
        self._protocols = {protocol.name: protocol for protocol in protocols}
        self._heads = _Heads(self.openai, resolved, target, protocols)
        self._context = ReplyContext(self.origin, resolved.secrets, capabilities)
        self._speakers: dict[int, _Speaking] = {}
        self._unreadable_tries = _UNREADABLE_TRIES

    def __repr__(self) -> str:
        return f"ReplicaClient({self.origin!r})"

    def _speaking(self, recipe: Recipe) -> "_Speaking":
        """What a recipe's jobs are sent with, to the endpoint as it is known now."""
        refused = self._capabilities.refused
        found = self._speakers.get(id(recipe))
        if found is None or found.refused is not refused:
            protocol = self._protocols[recipe.kind]
            while protocol.fallback and protocol.route in refused:
                protocol = self._protocols[protocol.fallback]
            speaker = protocol.speaker(recipe, self._capabilities, self._context)
            found = _Speaking(recipe, refused, protocol, speaker, self._heads.of(protocol.name))
            self._speakers[id(recipe)] = found  # it holds the recipe, so that its id stays taken
        return found

    async def send(self, job: Job, worst: WorstCase) -> tuple[Reply | Failure, Answer | None]:
        """Send a request once; the answer is given with what it means, for its rate-limit headers. Do not keep it."""
        started = time.perf_counter()
        recipe = job.recipe
        speaking = self._speaking(recipe)
        most = reply_bytes(recipe.max_tokens * recipe.n, worst.input, recipe.parameters)
        allowance = Allowance(most)
        try:
            answer = await self.exchange(speaking.head, speaking.speaker.encode(job), allowance=allowance)
            return self._meaning(job, speaking, answer, worst, started, most), answer
        except TransportError as error:
            return of_transport(error, self._secrets.mask(str(error))), None
        finally:
            allowance.release()

    def _meaning(
        self, job: Job, speaking: "_Speaking", answer: Answer, worst: WorstCase, started: float, most: int
    ) -> Reply | Failure:
        """What a complete answer means for a job; `most` is how many bytes it may have, decompressed."""
        status, headers, content = answer
        if not 200 <= status < 300:
            return self._refused(job, speaking, status, headers, content)
        if not content:
            said = f"HTTP {status} with an empty body"
            return Failure("unknown", "malformed", said, retry=True, most=self._unreadable_tries)
        try:
            seconds = time.perf_counter() - started
            reply = speaking.speaker.read(job, content, worst, seconds, (headers, most))
        except NoCompletion as error:
            return self._instead(job, status, headers, error, worst)
        except Unreadable as error:
            said = self._secrets.mask(f"{error}" + self._error_in(content))
            return Failure("unknown", "malformed", said, retry=True, most=self._unreadable_tries)
        self._unreadable_tries = _UNREADABLE_NOW_AND_THEN
        return reply

    def _error_in(self, content: bytes) -> str:
        """What a success that is no reply says about itself."""
        return f" ({shown})" if (shown := error_text(content, self._secrets)) else ""

    def _instead(
        self, job: Job, status: int, headers: Headers, said: NoCompletion, worst: WorstCase
    ) -> Reply | Failure:
        """What a success without a completion means: some gateways send errors with status 200."""
        mark = error_mark(status, said.body)
        if mark is not None and mark.outcome == "filtered":
            return self._filtered(job, *read_usage(job, said.usage, worst, answered=False))
        failure = self.refusal(said.status or status, headers, said.body)
        detail = f"HTTP {status}: {said}{self._error_in(said.body)}"
        if said.status:
            return msgspec.structs.replace(failure, bill="unknown", detail=detail, most=MOST_TRIES)
        empty = mark is None and not spoken(said.body)
        return msgspec.structs.replace(
            failure,
            bill="unknown",
            kind="malformed" if empty else "broken",
            status=0 if empty else status,
            detail=detail,
            retry=not failure.fault,
            most=self._unreadable_tries if empty else MOST_TRIES,
        )

    async def exchange(
        self, head: bytes, body: bytes, seconds: float | None = None, allowance: Allowance | None = None
    ) -> Answer:
        """One exchange: a prepared head and a body out, a complete answer back.

        Straight to the carrier: httpx would build a request and a response for it, 35 us of CPU for nothing.

        Raises:
            TransportError: no complete answer.
        """
        return await self._carrier.exchange(head, body, seconds or self.seconds, allowance)

    async def models(self, seconds: float) -> Answer:
        """Ask for the list of models: costs nothing, and shows whether the server is there and takes the key.

        Raises:
            TransportError: no complete answer.
        """
        return await self.exchange(self._heads.models, b"", seconds)

    def refusal(self, status: int, headers: Headers, content: bytes) -> Failure:
        """What a complete answer that is no success means."""
        detail = error_text(content, self._secrets)
        if 300 <= status < 400:
            place = next((self._secrets.mask(v.decode("latin-1")) for n, v in headers if n == b"location" and v), "")
            detail = f"see {place[:_SHOWN]}" if place else f"a redirect that names no address; {detail}".rstrip("; ")
        said = f"HTTP {status}" + (f": {detail}" if detail else "")
        wait = retry_after(headers, time.time)
        if wait is None and status in (429, 503, 529):
            wait = wait_in_body(content)
        if wait is None and status == 429 and (reset := exhausted(headers, time.time)) is not None:
            wait = min(reset, _RESET_SECONDS)
        failure = of_status(status, said, wait)
        mark = error_mark(status, content)
        if mark is None:
            return failure
        if mark.outcome == "quota":
            return msgspec.structs.replace(failure, retry=False, congested=False, fault="quota", cause="quota")
        if mark.outcome == "failed":
            return msgspec.structs.replace(failure, retry=True, fault="", most=MOST_TRIES)
        return msgspec.structs.replace(failure, cause=mark.outcome)

    def _filtered(self, job: Job, usage: Usage | None = None, cost: int = 0) -> Reply:
        """The reply that stands for a prompt rejected by a content filter; a complete refusal is not billed."""
        return Reply("filtered", ("",) * job.recipe.n, usage or Usage(0, 0), cost, origin=self.origin)

    def _refused(
        self, job: Job, speaking: "_Speaking", status: int, headers: Headers, content: bytes
    ) -> Reply | Failure:
        """What an answer that is no success means for a job."""
        if content[:1] != b"{":
            try:
                content, _ = decompress(headers, content)
            except Unusable:
                content = b""
        failure = self.refusal(status, headers, content)
        if status in (404, 405) and speaking.protocol.fallback:
            self._capabilities.refuse(speaking.protocol.route)  # if the other route is missing as well, its 404 stands
            return msgspec.structs.replace(failure, retry=True, changed=True, fault="")
        if failure.cause == "filtered":  # a complete refusal of this one prompt, and unbilled
            return self._filtered(job)
        if status in _ADAPTED and not failure.cause and speaking.speaker.adapt(spoken(content)):
            return msgspec.structs.replace(failure, retry=True, changed=True)
        return failure

    async def aclose(self) -> None:
        """Close all connections."""
        await self._web.aclose()


class _Speaking(NamedTuple):
    """How the jobs of a recipe are asked, as long as nothing more is refused."""

    recipe: Recipe
    refused: frozenset[str]
    protocol: EndpointProtocol
    speaker: Speaker
    head: bytes


class _Heads:
    """Prepared request heads, complete but for the length of the body."""

    def __init__(
        self, client: Any, resolved: Resolved, target: Target | None, protocols: Sequence[EndpointProtocol]
    ) -> None:
        from tapc import __version__  # noqa: PLC0415 - avoids a cycle at import

        path, query, host = ("/v1", "", "sim") if target is None else (target.path, target.query, target.host)
        lines = {"host": host, "accept": "application/json", "content-type": "application/json"}
        own: dict[str, Any] = client.default_headers
        lines["user-agent"] = f"tapc/{__version__} {own.get('User-Agent', '')}".strip()
        if resolved.key is not None:
            lines |= {str(name).lower(): value for name, value in client.auth_headers.items()}
            if host.endswith(".openai.azure.com"):
                lines["api-key"] = resolved.key
        lines |= {name.lower(): value for name, value in resolved.headers}
        block = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._routes = {
            protocol.name: f"POST {protocol.path(path)}{query} HTTP/1.1\r\n{block}".encode("ascii")
            for protocol in protocols
        }
        self.models = f"GET {path}/models{query} HTTP/1.1\r\n{block}".encode("ascii")

    def of(self, protocol: str) -> bytes:
        """Head of a protocol's requests."""
        return self._routes[protocol]
