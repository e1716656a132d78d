"""The speed of servers: recorded when a run ends, read when a plan is made.

A speed is of a server and a model, whatever dataset was made there. Of a URL, only what manifests show is kept.
"""

import msgspec

from tapc.endpoints.client import stated_origins
from tapc.endpoints.dispatch import ServerTimings, Timings
from tapc.ir import Dataset, Endpoint, EnvRef
from tapc.plan.estimate import ServerSpeed, Speed, Speeds, Timing, measure_speed, merge_speeds
from tapc.store.protocol import StoreProtocol

_KIND = "pace"
_KEPT = 200
"""Servers and models that are remembered."""

_PUT_OFF = 20
"""Of so many requests, one that the server put off means that its rate is a limit."""

_TELLING = 8
"""Fewest requests that tell a rate."""

_Known = list[tuple[str, str, int, Speed]]
"""Server, model, time and speed; the latest first."""


def record_speeds(store: StoreProtocol, timings: Timings) -> None:
    """Record what a run has seen of its servers; the simulated endpoint in this process is not one.

    Raises:
        StoreError: the store cannot be written, or an earlier record is damaged.
    """
    known = {(server, model): speed for server, model, _, speed in _known(store)}
    for (server, model), found in timings.by_server.items():
        if not found.answered or "://" not in server:
            continue
        speed = _speed(found)
        if (earlier := known.get((server, model))) is not None:
            speed = merge_speeds(earlier, speed)
        name = msgspec.json.encode((server, model)).decode()
        store.measure("", _KIND, name, msgspec.json.encode(speed), keep=_KEPT)


def _speed(found: ServerTimings) -> Speed:
    limited = found.answered >= _TELLING and found.refused * _PUT_OFF >= found.answered and found.last > found.first
    return measure_speed(
        [Timing(*one) for one in found.kept],
        answered=found.answered,
        most=found.most,
        per_second=found.answered / (found.last - found.first) if limited else None,
    )


def speeds_of(dataset: Dataset, store: StoreProtocol) -> Speeds:
    """Measured speeds of a dataset's endpoints, without looking at the environment.

    Of an endpoint whose URL comes from the environment, that of the server which answered last for its model.

    Raises:
        StoreError: the store cannot be read, or a record is damaged.
    """
    known = _known(store)
    found: dict[str, ServerSpeed] = {}
    for endpoint in dataset.endpoints:
        for server, model, at, speed in known:
            if model == endpoint.model and server in _servers(endpoint, known):
                found[endpoint.name] = ServerSpeed(server, speed, at, max(1, len(endpoint.urls)))
                break
    return found


def _servers(endpoint: Endpoint, known: _Known) -> set[str]:
    servers = set(stated_origins(endpoint))
    if any(isinstance(url, EnvRef) for url in endpoint.urls):
        servers |= {server for server, _, _, _ in known}
    return servers


def _known(store: StoreProtocol) -> _Known:
    found: _Known = []
    for one in store.measured("", _KIND):
        try:
            server, model = msgspec.json.decode(one.name, type=tuple[str, str])
            found.append((server, model, one.at, msgspec.json.decode(one.value, type=Speed)))
        except msgspec.MsgspecError:  # written by another version: as if it had not been measured
            continue
    return found
