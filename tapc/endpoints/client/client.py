"""One replica of an endpoint: heads and keys as the openai package makes them, a transport of our own."""

import time
from typing import Any

import msgspec

from tapc.endpoints.client.adapting import adapt
from tapc.endpoints.client.connection import Answer
from tapc.endpoints.client.environment import Resolved, Target
from tapc.endpoints.client.errors import error_text
from tapc.endpoints.client.http import http_module
from tapc.endpoints.client.intake import Allowance
from tapc.endpoints.client.pool import Pool
from tapc.endpoints.client.request import Body, Habits, asks_score, reply_bytes
from tapc.endpoints.client.retry_after import exhausted, retry_after, wait_in_body
from tapc.endpoints.client.transport import Carrier, Handler, ProcessCarrier, SocketCarrier, Transport
from tapc.endpoints.replies.bodies import Unusable, decompress
from tapc.endpoints.replies.ends import error_mark, spoken
from tapc.endpoints.replies.failures import Failure, TransportError, of_status, of_transport
from tapc.endpoints.replies.reading import MOST_TRIES, Reader
from tapc.endpoints.replies.unusual import NoCompletion, Unreadable
from tapc.endpoints.replies.usage import read_usage
from tapc.jobs import Job, Reply, WorstCase

MAX_CONNECTIONS = 4096
"""Of one replica; the dispatcher's permits are the real bound."""

Headers = list[tuple[bytes, bytes]]

_SIMULATED = "sim:"
_SHOWN = 300
_RESET_SECONDS = 60.0
"""Longest wait for a limit's reset where the server names no wait of its own: some room comes back before all does."""

_UNREADABLE_TRIES, _UNREADABLE_NOW_AND_THEN = 2, 4
"""Of a job whose reply cannot be read, which is paid for each time: once more, since a proxy may have been in the way;
oftener where other replies of the server could be read, so that it is not its way of answering."""

_ADAPTED = frozenset({400, 422})


class ReplicaClient:
    """Sends jobs to one replica; never retries, never follows a redirect, sends nothing twice.

    Args:
        resolved: the endpoint with its key and headers.
        target: the replica, or None for the embedded simulated endpoint.
        habits: shared by the replicas of an endpoint.
        handler: answers requests where there is no target.
    """

    def __init__(
        self, resolved: Resolved, target: Target | None, habits: Habits, handler: Handler | None = None
    ) -> None:
        import openai  # noqa: PLC0415 - heavy, and only runs that ask need it

        endpoint = resolved.endpoint
        self.seconds = endpoint.transport.timeout_seconds
        self.origin = _SIMULATED if target is None else target.origin
        self.remote = target is not None
        self.server = "" if target is None else f"{target.address.host}:{target.address.port}"
        self._secrets = resolved.secrets
        self._habits = habits
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
        self._heads = _Heads(self.openai, resolved, target)
        self._reader = Reader(self.origin, resolved.secrets, habits.odd, habits.split)
        self._bodies: dict[int, Body] = {}
        self._unreadable_tries = _UNREADABLE_TRIES

    def __repr__(self) -> str:
        return f"ReplicaClient({self.origin!r})"

    def encode(self, job: Job) -> bytes:
        """Body of a job's request."""
        recipe = job.recipe
        found = self._bodies.get(id(recipe))
        if found is None or found.habits != self._habits.state:
            found = self._bodies[id(recipe)] = Body(
                recipe, self._habits
            )  # holds the recipe, so that its id stays taken
        return found.encode(job)

    async def send(self, job: Job, body: bytes, worst: WorstCase) -> tuple[Reply | Failure, Answer | None]:
        """Send a request once; the answer is given with what it means, for its rate-limit headers. Do not keep it."""
        started = time.perf_counter()
        recipe = job.recipe
        most = reply_bytes(recipe.max_tokens * recipe.n, worst.input, recipe.parameters)
        head = self._heads.of("score" if asks_score(body) else recipe.kind)
        allowance = Allowance(most)
        try:
            answer = await self.exchange(head, body, allowance=allowance)
            return self._meaning(job, body, answer, worst, started, most), answer
        except TransportError as error:
            return of_transport(error, self._secrets.mask(str(error))), None
        finally:
            allowance.release()

    def _meaning(
        self, job: Job, body: bytes, answer: Answer, worst: WorstCase, started: float, most: int
    ) -> Reply | Failure:
        """What a complete answer means for a job; `most` is how many bytes it may have, decompressed."""
        status, headers, content = answer
        if not 200 <= status < 300:
            return self._refused(job, body, status, headers, content)
        if not content:
            said = f"HTTP {status} with an empty body"
            return Failure("unknown", "malformed", said, retry=True, most=self._unreadable_tries)
        try:
            reply = self._reader.read(job, content, worst, time.perf_counter() - started, headers, most)
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
            return self._reader.filtered(job, *read_usage(job, said.usage, worst, answered=False))
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

        Straight to the carrier: httpx would build a request and a response for it, 35 us of CPU that nobody reads.

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

    def _refused(self, job: Job, body: bytes, status: int, headers: Headers, content: bytes) -> Reply | Failure:
        """What an answer that is no success means for a job."""
        if content[:1] != b"{":
            try:
                content, _ = decompress(headers, content)
            except Unusable:
                content = b""
        failure = self.refusal(status, headers, content)
        if status in (404, 405) and job.recipe.kind == "pooling" and not asks_score(body):
            self._habits.pooling = False  # a server without `/pooling` may have `/score`; if not, its 404 stands
            return msgspec.structs.replace(failure, retry=True, changed=True, fault="")
        if failure.cause == "filtered":  # a complete refusal of this one prompt, and unbilled
            return self._reader.filtered(job)
        if status in _ADAPTED and not failure.cause and adapt(job, body, content, self._habits):
            return msgspec.structs.replace(failure, retry=True, changed=True)
        return failure

    async def aclose(self) -> None:
        """Close all connections."""
        await self._web.aclose()


class _Heads:
    """Prepared request heads, complete but for the length of the body."""

    def __init__(self, client: Any, resolved: Resolved, target: Target | None) -> None:
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
        root = path.removesuffix("/v1")  # vLLM serves scores beside /v1, not under it
        self._routes = {
            kind: f"POST {where}{query} HTTP/1.1\r\n{block}".encode("ascii")
            for kind, where in (
                ("chat", f"{path}/chat/completions"),
                ("pooling", f"{root}/pooling"),
                ("score", f"{root}/score"),
            )
        }
        self.models = f"GET {path}/models{query} HTTP/1.1\r\n{block}".encode("ascii")

    def of(self, kind: str) -> bytes:
        """Head for a route."""
        return self._routes[kind]
