"""What is said of endpoints that cannot be used: once for each thing, with the names and the next step."""

import asyncio
import socket

import pytest
from test_dispatch_wire import HASTY, QUICK, codes, endpoint, jobs, play, run

from tapc.endpoints.dispatch.findings import Finding, together
from tapc.ir import EnvRef, Transport

NAMES = ("a", "b", "c", "d")


def dead_url():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def test_one_dead_server_behind_four_endpoints_is_one_finding():
    notes, url = [], dead_url()
    found = asyncio.run(play(jobs(1), [endpoint(url, name=name) for name in NAMES], policy=HASTY, note=notes.append))
    assert codes(found.at_start) == ["TAP905"]
    assert found.at_start[0].message.startswith(f"endpoints 'a', 'b', 'c' and 'd': {url} cannot be asked: ")
    assert len(notes) == 1 and notes[0].startswith(url), "and it is waited for once"


def test_a_server_that_dies_under_four_endpoints_is_one_finding(wire):
    """It lists its models, and drops every request."""

    async def drop(request, writer):
        writer.transport.abort()

    async def main():
        async with wire.serve(drop) as server:
            work = [job for i, name in enumerate(NAMES) for job in jobs(12, endpoint=name, draw_group=i)]
            return await play(work, [endpoint(server.url, name=name) for name in NAMES])

    found = asyncio.run(main())
    assert codes(found.problems) == ["TAP905"] and not found.replies()
    assert found.problems[0].message.startswith("endpoints ") and all(
        f"'{n}'" in found.problems[0].message for n in NAMES
    )


def test_two_dead_servers_are_two_findings():
    urls = dead_url(), dead_url()
    found = asyncio.run(
        play(jobs(1), [endpoint(url, name=name) for url, name in zip(urls, "ab", strict=True)], policy=HASTY)
    )
    assert codes(found.at_start) == ["TAP905"] * 2
    assert [f"endpoint '{n}': {url}" in p.message for n, url, p in zip("ab", urls, found.at_start, strict=True)] == [
        True
    ] * 2


@pytest.mark.parametrize("at_start", [True, False])
@pytest.mark.parametrize(
    ("key", "headers", "said"),
    [
        (EnvRef(name="SOME_KEY", default="sk-0123456789abcdef"), (), "the environment variable SOME_KEY:"),
        (None, (("X-Key", EnvRef(name="OTHER", default="0123456789abcdef")),), "the environment variable OTHER:"),
        (
            EnvRef(name="SOME_KEY", default="sk-0123456789abcdef"),
            (("X-Key", EnvRef(name="OTHER", default="0123456789abcdef")),),
            "the environment variables SOME_KEY and OTHER:",
        ),
        (None, (), 'key env("NAME")'),
    ],
)
def test_a_refused_key_is_told_with_its_variable(wire, at_start, key, headers, said):
    async def handler(request, writer):
        refused = wire.http(401, {"error": {"message": "bad key"}})
        return refused if at_start or request.method == "POST" else wire.http(200, {"data": []})

    spec = lambda server: endpoint(server.url, key=key).model_copy(  # noqa: E731 - read where it is used
        update={"transport": Transport(timeout_seconds=5.0, headers=headers)}
    )
    found = run(wire.Loopback(handler), jobs(3), spec=spec)
    (problem,) = found.at_start if at_start else found.problems
    assert problem.code == "TAP904" and said in problem.notes[0]


@pytest.mark.parametrize(("count", "said"), [(1, "refused its only request"), (4, "refused all 4 requests")])
def test_a_few_requests_that_are_all_refused_are_told_of(wire, count, said):
    found = run(wire.serve(wire.http(400, {"error": {"message": "unknown parameter: top_p"}})), jobs(count))
    assert codes(found.problems) == ["TAP912"] and said in found.problems[0].message
    assert "top_p" in found.problems[0].message and found.reasons() == ["refused"] * count


def test_an_endpoint_that_answers_some_is_not_told_of(wire):
    server = wire.serve(wire.chat(), wire.http(400, {"error": {"message": "too long"}}))
    assert not run(server, jobs(4)).problems
    patient = type(QUICK)(consecutive_failures=2**31, probe_seconds=30)
    assert not run(wire.serve(wire.http(400, b"")), jobs(4), policy=patient).problems, "nor where jobs are given up"


def test_findings_that_say_different_things_stay_apart():
    one = Finding("TAP906", "a", "no model 'x'", ("note",))
    findings = [
        one,
        Finding("TAP906", "b", "no model 'y'", ("note",)),
        Finding("TAP906", "c", "no model 'x'", ("note",)),
    ]
    assert [d.message for d in together(findings)] == [
        "endpoints 'a' and 'c': no model 'x'",
        "endpoint 'b': no model 'y'",
    ]
