"""Every registered protocol: its name is its own, its fallback exists, and the simulated endpoint answers it."""

import asyncio
import json

import pytest

from tapc.endpoints.client import ReplicaClient, Resolved, Secrets
from tapc.endpoints.protocols import PROTOCOLS, Capabilities, ReplyContext, bound
from tapc.ir import Endpoint
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply
from tapc.sim.embedded import embedded_endpoint

MESSAGES = (Message("user", "Why is the sky blue?"), Message("assistant", "Because of scattering."))


def job(protocol, parameters=b'{"max_tokens":64}'):
    chat = protocol.name == "chat"
    recipe = Recipe("s", "e", "sim", "sim", "sim", parameters if chat else b"{}", None, 0, False, 64 if chat else 0, 1,
                    64, None, kind=protocol.name)  # fmt: skip
    return JobFactory(recipe).job(MESSAGES[:1] if chat else MESSAGES, Draw(0, b"", 0, 0, 0))


def test_names_paths_and_fallbacks_fit_together():
    by_name = {protocol.name: protocol for protocol in PROTOCOLS}
    assert len(by_name) == len(PROTOCOLS) and "program" not in by_name  # which is run here, not asked
    assert len({protocol.path("/v1") for protocol in PROTOCOLS}) == len(PROTOCOLS)
    for protocol in PROTOCOLS:
        seen = [protocol]
        while seen[-1].fallback:
            seen.append(by_name[seen[-1].fallback])
            assert len(seen) <= len(PROTOCOLS), "a circle of fallbacks"


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_the_simulated_endpoint_answers(protocol):
    async def main():
        endpoint = Endpoint(name="e", model="sim")
        client = ReplicaClient(
            Resolved(endpoint, (), None, (), Secrets(())), None, Capabilities(), embedded_endpoint({})
        )
        asked = job(protocol)
        reply, answer = await client.send(asked, bound(asked, protocol))
        await client.aclose()
        assert isinstance(reply, Reply) and reply.outcome == "ok" and reply.texts[0], answer
        assert reply.usage.input > 0 and not reply.usage.estimated

    asyncio.run(main())


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_body_names_the_model_and_holds_the_prompt(protocol):
    asked, capabilities = job(protocol), Capabilities()
    speaker = protocol.speaker(asked.recipe, capabilities, ReplyContext("http://h", Secrets(()), capabilities))
    body = speaker.encode(asked)
    assert json.loads(body)["model"] == "sim" and all(m.content.encode() in body for m in asked.messages)
    assert not speaker.adapt("the server is on fire") and not capabilities.refused
