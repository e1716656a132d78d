"""One step's parameters at one endpoint."""

import re
from typing import Any, Literal

import msgspec

from tapc.endpoints.client import Failure, ReplicaClient
from tapc.endpoints.protocols import LIMIT_FIELDS, Capabilities
from tapc.jobs import Job, Reply, tariff_of
from tapc.workspace.doctor.asking import SpendLimit, ask, bound_of, reasoning_field
from tapc.workspace.doctor.document import StepReport

_SHOWN = 200
"""Characters of a text, and of the thought split off it, that are shown."""


def unasked(job: Job, said: str) -> StepReport:
    """The report of a step whose endpoint cannot be asked."""
    return StepReport(
        step=job.recipe.step,
        endpoint=job.recipe.endpoint,
        outcome=None,
        sent=sorted(parameters(job)),
        refused=[],
        ignored=[],
        structured=None,
        seed=None,
        usage=None,
        reasoning=None,
        returned_model="",
        input_tokens=0,
        output_tokens=0,
        seconds=0.0,
        said=said,
    )


def parameters(job: Job) -> dict[str, Any]:
    """Names and values that a request has in addition to model and messages."""
    recipe = job.recipe
    found: dict[str, Any] = {}
    if recipe.kind == "chat":
        found |= msgspec.json.decode(recipe.parameters, type=dict[str, Any])
        found |= {"response_format": None} if recipe.schema is not None else {}
        found |= {"seed": None} if recipe.seeded else {}
    return found


async def examine_step(
    client: ReplicaClient, capabilities: Capabilities, job: Job, limit: SpendLimit, *, repeat: bool
) -> tuple[StepReport, Failure | None]:
    """Send a step's parameters, and send them again if the seed is to be tried.

    Args:
        client: a replica that works.
        capabilities: of the endpoint as found so far; shared by its steps.
        job: a sample.
        limit: the money that is left to spend.
        repeat: whether to try the seed.

    Returns:
        The report, and the failure if there was no reply.
    """
    capabilities.forget()
    asked = await ask(client, job, limit)
    sent = parameters(job)
    report = unasked(job, "")
    if isinstance(asked.result, Failure):
        refused = await _refused(client, job, asked.result, limit)
        return report.model_copy(update={"said": asked.result.detail, "refused": refused}), asked.result
    reply = asked.result
    ignored = _ignored(job, sent, reply)
    seed: Literal["repeats", "differs", "refused"] | None = None
    if "seed" in sent:
        seed = "refused" if "seed" in capabilities.refused else None
        if repeat and seed is None and reply.outcome != "leak":
            again = await ask(client, job, limit)
            if isinstance(again.result, Reply):
                seed = "repeats" if again.result.texts == reply.texts else "differs"
    refused = [name for name in ("response_format", "seed", *LIMIT_FIELDS) if name in capabilities.refused]
    update: dict[str, Any] = {
        "outcome": reply.outcome,
        "refused": [name for name in refused if name in sent],
        "ignored": ignored,
        "structured": _structured(job, capabilities, reply),
        "seed": seed,
        "usage": not reply.usage.estimated,
        "unpriced": "" if job.recipe.price is None else tariff_of(job.recipe.price).unpriced(reply.usage),
        "reasoning": reasoning_field(asked.body, reply),
        "thought": next(iter(reply.reasoning), "")[:_SHOWN],
        "text": next(iter(reply.texts), "")[:_SHOWN],
        "finish": next(iter(reply.finishes), ""),
        "oddities": dict(capabilities.oddities),
        "returned_model": reply.model,
        "input_tokens": reply.usage.input,
        "output_tokens": reply.usage.output,
        "seconds": round(reply.seconds, 3),
    }
    return report.model_copy(update=update), None


def _structured(job: Job, capabilities: Capabilities, reply: Reply) -> Literal["schema", "prompted", "invalid"] | None:
    if job.recipe.schema is None:
        return None
    if reply.outcome == "invalid":
        return "invalid"
    return "prompted" if "response_format" in capabilities.refused else "schema"


def _ignored(job: Job, sent: dict[str, Any], reply: Reply) -> list[str]:
    """Parameters that had no effect on the reply although they must have one."""
    recipe = job.recipe
    found: list[str] = []
    limits = [name for name, value in sent.items() if value == recipe.max_tokens and "tokens" in name]
    if not reply.usage.estimated and reply.usage.output > bound_of(job).output:
        found += limits or ["max_tokens"]
    if recipe.kind == "chat" and len(reply.texts) < recipe.n:
        found.append("n")
    stops: Any = sent.get("stop") or ()
    words = [stops] if isinstance(stops, str) else list(stops)
    if any(word in text for word in words for text in reply.texts):
        found.append("stop")
    return found


async def _refused(client: ReplicaClient, job: Job, failure: Failure, limit: SpendLimit) -> list[str]:
    """The parameters that a refusal is about: those it names, else all optional ones if a bare request is answered."""
    if failure.status not in (400, 422) or job.recipe.kind != "chat":
        return []
    sent = parameters(job)
    named = [name for name in sorted(sent) if re.search(rf"\b{re.escape(name)}\b", failure.detail)]
    if named:
        return named
    needed = {name for name, value in sent.items() if "tokens" in name and value == job.recipe.max_tokens}
    kept = {name: sent[name] for name in needed}
    if len(kept) == len(sent):
        return []
    bare = msgspec.structs.replace(
        job.recipe, parameters=msgspec.json.encode(kept, order="sorted"), schema=None, seeded=False, n=1
    )
    passed = await ask(client, Job(job.key, bare, job.messages), limit)
    return sorted(set(sent) - needed) if isinstance(passed.result, Reply) else []
