"""One job of every step at each of its endpoints, as a run would send it."""

import asyncio

from tapc.endpoints import Answers, NoReply
from tapc.endpoints.client import Failure, ReplicaClient, Resolved, Secrets
from tapc.endpoints.protocols import Capabilities
from tapc.engine import Metered, Session, Silent
from tapc.ir import Endpoint, Transport
from tapc.jobs import Draw, Job, Message, Reply, worst_case
from tapc.plan import Planned
from tapc.sim.embedded import embedded_endpoint
from tapc.steps import SlotKey, SlotState, Status
from tapc.workspace.stored import work_of

StepEndpoint = tuple[str, str]

_SLOTS = 16
"""Slots folded to find samples: enough to draw every endpoint of a pool, and fast."""

_PLAIN = (Message("user", "Answer with one short sentence: why is the sky blue?"),)


class _Nothing:
    """An empty store and a sink that keeps nothing, for a session whose results are not needed."""

    def get(self, keys: object) -> dict[bytes, Reply]:  # noqa: ARG002 - what a store is asked
        """No reply is stored."""
        return {}

    def add(self, state: SlotState, status: Status) -> None:
        """Do nothing with a finished slot."""

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """Do nothing with a reply."""


class _Simulated:
    """Answers every job in this process and notes the first of each step and endpoint."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._clients = {e.name: _client(e) for e in endpoints}
        self._tasks: set[asyncio.Task[None]] = set()
        self.answers = Answers()
        self.samples: dict[StepEndpoint, Job] = {}

    async def start(self) -> None:
        """There is nothing to prepare."""

    def submit(self, job: Job, label: str, order: int) -> None:  # noqa: ARG002 - what an asker is given
        """Ask for a job."""
        if not job.recipe.runs_program:
            self.samples.setdefault((job.recipe.step, job.recipe.endpoint), job)
        task = asyncio.get_running_loop().create_task(self._answer(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """No request waits in a queue."""

    async def _answer(self, job: Job) -> None:
        result: Reply | Failure | NoReply = NoReply("refused", "programs are not run")
        if not job.recipe.runs_program:
            client = self._clients[job.recipe.endpoint]
            result, _ = await client.send(job, worst_case(job))
        self.answers.put(job, NoReply("failed", result.detail) if isinstance(result, Failure) else result)

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.aclose()


def _client(endpoint: Endpoint) -> ReplicaClient:
    bare = endpoint.model_copy(update={"urls": (), "key": None, "transport": Transport()})
    return ReplicaClient(Resolved(bare, (), None, (), Secrets(())), None, Capabilities(), embedded_endpoint({}))


async def sample_jobs(planned: Planned) -> list[Job]:
    """A job of every step at each of its endpoints, in order of the spec.

    Prompts are rendered for the first slots; what earlier steps would say is simulated. Where no slot comes that far,
    a plain question replaces them, so that the parameters of the step are still tried.
    """
    simulated = _Simulated(planned.dataset.endpoints)
    nothing = _Nothing()
    session = Session(work_of(planned, None, limit=_SLOTS), nothing, nothing, Silent())
    try:
        await session.live(simulated, simulated.answers, Metered)
    finally:
        await simulated.aclose()
    found: dict[StepEndpoint, Job] = {}
    for program in planned.programs():
        for jobs in program.job_classes:
            recipe = jobs.factory.recipe
            place = (recipe.step, recipe.endpoint)
            if not recipe.runs_program and place not in found:
                found[place] = simulated.samples.get(place) or jobs.factory.job(_PLAIN, Draw(0, b"", 0, 0, 0))
    return list(found.values())
