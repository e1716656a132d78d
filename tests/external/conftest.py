"""Fixtures of the external suite; what cannot be started is a failure."""

import pytest
from driving import Tapc
from foreign_spec import FOREIGN, MODELS
from servers import Aimock, LiteLLM, WireMock


@pytest.fixture
def tapc(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return Tapc(folder)


@pytest.fixture
def start_aimock(tmp_path):
    """Starts aimock with fixtures and environment changes, and stops it."""
    running = []

    def start(answers=FOREIGN, **environment):
        running.append(Aimock(tmp_path, answers, **environment))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def wiremock_process(tmp_path_factory):
    server = WireMock(tmp_path_factory.mktemp("wiremock"))
    yield server
    server.stop()


@pytest.fixture
def wiremock(wiremock_process, start_aimock):
    """WireMock in front of an aimock of its own, without faults yet."""
    wiremock_process.behind(start_aimock())
    return wiremock_process


@pytest.fixture(scope="session")
def gateway_process(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    upstream = Aimock(folder, FOREIGN)
    try:
        server = LiteLLM(folder, upstream, MODELS)
    except BaseException:
        upstream.stop()
        raise
    yield server
    server.stop()
    upstream.stop()


@pytest.fixture
def gateway(gateway_process):
    """LiteLLM's proxy before an aimock; `upstream.new` is what the test added to its journal."""
    gateway_process.upstream.chaos()
    return gateway_process
