"""Asks every endpoint for its models, and tries every step's parameters there."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.endpoints.client import Failure, ReplicaClient, Resolved, TransportError, resolve
from tapc.endpoints.dispatch import keys_of
from tapc.endpoints.protocols import Capabilities
from tapc.ir import PICO, Endpoint
from tapc.jobs import Job
from tapc.plan import Planned
from tapc.sim.embedded import embedded_endpoint
from tapc.workspace.doctor.asking import TRIES, SpendLimit, bound_of, models_of
from tapc.workspace.doctor.document import DoctorDocument, EndpointReport, StepReport
from tapc.workspace.doctor.findings import of_endpoint, of_step
from tapc.workspace.doctor.sampling import sample_jobs
from tapc.workspace.doctor.step import examine_step, unasked
from tapc.workspace.event_loop import run_loop

_LIST_SECONDS = 10.0
_SENDS = 3
"""Sends per step: its parameters, the same again for the seed, and a bare request if they are refused."""

_MODELS_SHOWN = 20


class Examination(msgspec.Struct, frozen=True):
    """What will be sent: one job of every step at each of its endpoints, and bounds of requests and picodollars."""

    jobs: list[Job]
    requests: int
    cost: int


def prepare(planned: Planned) -> Examination:
    """Render the samples and bound what examining them can cost; sends nothing."""
    jobs = run_loop(lambda: sample_jobs(planned))
    cost = sum(_SENDS * TRIES * bound_of(job).cost for job in jobs)
    return Examination(jobs, _SENDS * len(jobs), cost)


def examine(
    planned: Planned, examination: Examination, environ: Mapping[str, str]
) -> tuple[DoctorDocument, list[Diagnostic]]:
    """Ask every endpoint; return a document of what was found out, and findings of what is wrong."""
    return run_loop(lambda: _examine(planned, examination, environ))


async def _examine(
    planned: Planned, examination: Examination, environ: Mapping[str, str]
) -> tuple[DoctorDocument, list[Diagnostic]]:
    limit = SpendLimit(examination.cost)
    parts = await asyncio.gather(
        *(
            _endpoint(e, [job for job in examination.jobs if job.recipe.endpoint == e.name], environ, limit)
            for e in planned.dataset.endpoints
        )
    )
    order = [(job.recipe.step, job.recipe.endpoint) for job in examination.jobs]
    steps = sorted((s for part in parts for s in part[1]), key=lambda s: order.index((s.step, s.endpoint)))
    document = DoctorDocument(
        dataset=planned.dataset.name,
        endpoints=[report for part in parts for report in part[0]],
        steps=steps,
        requests=limit.requests,
        usd=limit.spent / PICO,
    )
    return document, [finding for part in parts for finding in part[2]]


async def _endpoint(
    endpoint: Endpoint, jobs: Sequence[Job], environ: Mapping[str, str], limit: SpendLimit
) -> tuple[list[EndpointReport], list[StepReport], list[Diagnostic]]:
    """Examine an endpoint: all its replicas, then its steps at the first replica that works."""
    resolved, problems = resolve(endpoint, environ)
    if resolved is None:
        said = problems[0].message
        report = EndpointReport(
            endpoint=endpoint.name, model=endpoint.model, url="", reachable=False, key=None, listed=None, said=said
        )
        return [report], [unasked(job, said) for job in jobs], problems
    capabilities = Capabilities()
    handler = embedded_endpoint(environ) if not resolved.targets else None
    clients = [ReplicaClient(resolved, target, capabilities, handler) for target in (resolved.targets or (None,))]
    try:
        reports = list(await asyncio.gather(*(_replica(resolved, client) for client in clients)))
        findings = [finding for report in reports for finding in of_endpoint(report, keys_of(endpoint))]
        well = next((c for c, r in zip(clients, reports, strict=True) if r.reachable and r.key != "refused"), None)
        steps: list[StepReport] = []
        for number, job in enumerate(jobs):
            if well is None:
                steps.append(unasked(job, reports[0].said))
                continue
            step, found = await examine_step(well, capabilities, job, limit, repeat=not number)
            steps.append(step)
            findings += of_step(step, found)
        about = (f"endpoint.{endpoint.name}",)
        placed = [one if one.about else msgspec.structs.replace(one, about=about) for one in findings]
        return reports, steps, placed
    finally:
        for client in clients:
            await client.aclose()


async def _replica(resolved: Resolved, client: ReplicaClient) -> EndpointReport:
    """Ask one replica for its models, which costs nothing. The one in this process takes any simulated name."""
    endpoint = resolved.endpoint
    report = EndpointReport(
        endpoint=endpoint.name, model=endpoint.model, url=client.origin, reachable=False, key=None, listed=None
    )
    try:
        answer = await client.models(_LIST_SECONDS)
    except TransportError as error:
        return report.model_copy(update={"said": resolved.secrets.mask(str(error))})
    status, headers, content = answer
    has_key = resolved.key is not None
    if status != 200:
        failure: Failure = client.refusal(status, headers, content)
        refused = status in (401, 403)
        key = "refused" if refused else None
        said = failure.detail if refused or status >= 500 or 300 <= status < 400 else ""
        return report.model_copy(update={"reachable": True, "key": key, "said": said})
    names, roots = models_of(content)
    root = roots.get(endpoint.model)
    return report.model_copy(
        update={
            "reachable": True,
            "key": "accepted" if has_key else "none",
            "listed": not client.remote or endpoint.model in names if names else None,
            "root": root if root != endpoint.model else None,
            "models": [resolved.secrets.mask(name) for name in names[:_MODELS_SHOWN]],
        }
    )
