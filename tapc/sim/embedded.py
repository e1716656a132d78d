"""The simulated endpoint as a server in this process, under the same client as a real one."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache

from tapc.endpoints.client import Answer, Handler
from tapc.sim import ENVIRONMENT, SimulatedEndpoint, config_from_environment


class EmbeddedError(Exception):
    """The embedded endpoint's settings cannot be used; the message says why."""


@lru_cache(maxsize=64)
def _parse(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, path and headers of a request head; a client sends few different ones."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    return method, path, {name.strip().lower(): value.strip() for name, _, value in pairs}


def embedded_endpoint(environ: Mapping[str, str]) -> Handler:
    """Make a handler for endpoints without a URL.

    Args:
        environ: `TAPC_SIM` may hold faults and latency, as `tapc sim serve --fault` takes them.

    Raises:
        EmbeddedError: `TAPC_SIM` cannot be read.
    """
    try:
        endpoint = SimulatedEndpoint(config_from_environment(environ))
    except ValueError as error:
        raise EmbeddedError(f"{ENVIRONMENT}: {error}") from error

    async def handle(head: bytes, body: bytes) -> Answer:
        method, path, headers = _parse(head)
        response = endpoint.handle(method, path, headers, body)
        if response.delay_seconds:
            await asyncio.sleep(response.delay_seconds)
        if response.drop is not None:
            raise ConnectionError("the simulated endpoint dropped the connection")
        lowered = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        return response.status, lowered, response.body

    return handle
