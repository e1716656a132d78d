"""Asks endpoints whether they are there and take the key, before anything is paid for."""

import asyncio
from collections.abc import Callable

from tapc.endpoints.client import Failure, ReplicaClient, TransportError
from tapc.endpoints.dispatch.faults import fault_of
from tapc.endpoints.dispatch.findings import Finding, diagnose
from tapc.endpoints.dispatch.policy import Policy

_PAUSE = 0.25


async def probe(
    name: str, client: ReplicaClient, policy: Policy, note: Callable[[str], None], keys: tuple[str, ...] = ()
) -> Finding | None:
    """What is wrong with a replica, None if nothing can be said against it.

    It asks for the list of models. Servers without that route say so and are taken at their word; the first job, which
    runs alone, is the second probe. A connection refused is tried again for `Policy.probe_seconds`, since servers take
    their time to start; `note` hears of it, so that nobody wonders what is waited for. `keys`: see `diagnose`.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + policy.probe_seconds
    told = False
    while True:
        try:
            status, headers, content = await client.models(max(0.05, end - loop.time()))
        except TransportError as error:
            if error.kind in ("timeout", "oversize", "malformed") or loop.time() + _PAUSE >= end:
                said = f"{client.origin} cannot be asked: {error}"
                return diagnose("TAP905", name, said, server=client.server)
            if not told:
                note(f"{client.origin}: {error}; trying again for {policy.probe_seconds:.0f} s")
                told = True
            await asyncio.sleep(_PAUSE)
            continue
        failure: Failure = client.refusal(status, headers, content)
        if status in (401, 403) or 300 <= status < 400:
            return diagnose(fault_of(failure), name, f"{client.origin} says {failure.detail}", keys=keys)
        return None
