"""The simulated endpoint: routes, authentication, faults on the way."""

import hmac
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tapc.sim.chat import chat_key, complete
from tapc.sim.config import SERVER_ONLY, SimConfig, change_config
from tapc.sim.draws import Draws, digest
from tapc.sim.rewards import pooling, score
from tapc.sim.wire import CREATED, JSON, BadRequest, SimResponse, encode, error_body, error_response, read_chat

MODELS = ("sim", "sim-small", "sim-medium", "sim-large", "sim-judge", "sim-reward")
_ROUTES = {
    "/chat/completions": "chat",
    "/models": "models",
    "/pooling": "pooling",
    "/score": "score",
}


class SimulatedEndpoint:
    """An OpenAI-compatible server without a socket.

    The answer is a function of the request and the configuration; only transient faults look at how often the same
    content was asked before. Not thread-safe; make one for each event loop.
    """

    def __init__(self, config: SimConfig | None = None) -> None:
        self.config = config or SimConfig()
        self._faults = TransientFaults()
        self._routes: dict[str, str | None] = {}
        self._overrides: dict[bytes, SimConfig] = {}

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> SimResponse:
        """Answer a request.

        Args:
            method: in capitals.
            path: with any prefix before the route, and maybe a query.
            headers: names in lower case.
            body: as received.
        """
        try:
            return self._answer(method, path, headers, body)
        except BadRequest as error:
            return error_response(error)

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> SimResponse:
        route = self._route(path)
        if route is None:
            raise BadRequest(f"unknown request URL: {method} {path.partition('?')[0]}", 404, "unknown_url")
        if self.config.key is not None:
            self._authenticate(headers.get("authorization", ""))
        if method != ("GET" if route.startswith("models") else "POST"):
            raise BadRequest(f"{method} is not allowed here", 405, "method_not_allowed")
        if route.startswith("models"):
            return self._models(route)
        return self._chat(headers, body) if route == "chat" else self._reward(route, body)

    def _route(self, path: str) -> str | None:
        known = self._routes.get(path, "")
        if known != "":
            return known
        plain = path.partition("?")[0].rstrip("/")
        found = next((name for end, name in _ROUTES.items() if plain.endswith(end)), None)
        head, _, last = plain.rpartition("/")
        if found is None and head.endswith("/models"):
            found = f"models/{last}"
        if len(self._routes) < 64:
            self._routes[path] = found
        return found

    def _authenticate(self, given: str) -> None:
        scheme, _, key = given.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.encode(), (self.config.key or "").encode()):
            raise BadRequest("Incorrect API key provided", 401, "invalid_api_key")

    def _models(self, route: str) -> SimResponse:
        names = self.config.models or MODELS
        found = [{"id": name, "object": "model", "created": CREATED, "owned_by": "tapc-sim"} for name in names]
        _, _, wanted = route.partition("/")
        if not wanted:
            return SimResponse(200, JSON, encode({"object": "list", "data": found}))
        for model in found:
            if model["id"] == wanted:
                return SimResponse(200, JSON, encode(model))
        raise BadRequest(f"The model {wanted!r} does not exist", 404, "model_not_found")

    def _chat(self, headers: Mapping[str, str], body: bytes) -> SimResponse:
        request = read_chat(body)
        config = self.config if request.sim is None else self._override(request.sim)
        self._check_model(request.model)
        key = chat_key(request)
        failed, delay, drop = self._faults.decide(config, key)
        response = failed or complete(request, key, config, headers.get("authorization", ""))
        return _on_the_way(response, delay, drop)

    def _reward(self, route: str, body: bytes) -> SimResponse:
        try:
            data: Any = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest(f"the body is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise BadRequest("the body must be a JSON object")
        fields = cast("dict[str, Any]", data)
        given: Any = fields.pop("sim", None)
        if given is not None and not isinstance(given, dict):
            raise BadRequest("sim must be an object", param="sim")
        changes = cast("dict[str, Any]", given or {})
        config = self._override(changes) if changes else self.config
        response = (pooling if route == "pooling" else score)(fields, config)
        self._check_model(fields["model"])
        failed, delay, drop = self._faults.decide(config, digest(route, encode(fields)))
        return _on_the_way(failed or response, delay, drop)

    def _check_model(self, model: str) -> None:
        if self.config.models and model not in self.config.models:
            raise BadRequest(f"The model {model!r} does not exist", 404, "model_not_found", "model")

    def _override(self, values: dict[str, Any]) -> SimConfig:
        raw = encode(values)
        known = self._overrides.get(raw)
        if known is None:
            forbidden = SERVER_ONLY & values.keys()
            if forbidden:
                raise BadRequest(f"a request cannot set {', '.join(sorted(forbidden))}", param="sim")
            try:
                known = change_config(self.config, values)
            except ValueError as error:
                raise BadRequest(f"sim: {error}", param="sim") from error
            if len(self._overrides) < 1024:
                self._overrides[raw] = known
        return known


def _on_the_way(response: SimResponse, delay: float, drop: Any) -> SimResponse:
    if not delay and drop is None:
        return response
    return SimResponse(response.status, response.headers, response.body, delay, drop)


GENERATION = 200_000


class Counters:
    """How often each content was asked, in bounded memory.

    Two generations of counts are kept; when the young one is full it becomes the old one. A content forgotten that way
    is counted from zero again.
    """

    def __init__(self) -> None:
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}

    def next(self, key: bytes) -> int:
        """How often the content was asked before; counts this time."""
        seen = self._young.get(key)
        if seen is None:
            seen = self._old.get(key, 0)
            if len(self._young) >= GENERATION:
                self._old, self._young = self._young, {}
        self._young[key] = seen + 1
        return seen


class TransientFaults:
    """Decides per request whether it fails on the way. A function of content and of how often it was asked."""

    def __init__(self) -> None:
        self._counters = Counters()

    def decide(self, config: SimConfig, key: bytes) -> "tuple[SimResponse | None, float, str | None]":
        """An error answer or None; the delay in seconds; a drop or None."""
        total = config.rate_429 + config.rate_5xx + config.rate_drop + config.rate_drop_midway
        if total <= 0.0 and config.latency.kind == "fixed":
            return None, config.latency.first, None
        seen = self._counters.next(key)
        counted = key + seen.to_bytes(8, "big")
        delay = config.latency.seconds(counted)
        if total <= 0.0 or (config.streak and seen % (config.streak + 1) == config.streak):
            return None, delay, None
        drawn = Draws(counted, b"transient").unit()
        if drawn < config.rate_429:
            return _too_many(config.retry_after), delay, None
        drawn -= config.rate_429
        if drawn < config.rate_5xx:
            return _broken(counted), delay, None
        drawn -= config.rate_5xx
        if drawn < config.rate_drop:
            return None, delay, "before"
        return None, delay, "midway" if drawn - config.rate_drop < config.rate_drop_midway else None


def _too_many(seconds: float) -> SimResponse:
    headers = (*JSON, ("retry-after", f"{seconds:g}"), ("x-ratelimit-remaining-requests", "0"))
    body = error_body("Rate limit reached for requests (simulated)", "requests", "rate_limit_exceeded")
    return SimResponse(429, headers, body)


def _broken(key: bytes) -> SimResponse:
    status = (500, 502, 503)[Draws(key, b"status").below(3)]
    return SimResponse(status, JSON, error_body("The server had an error (simulated)", "server_error"))
