"""Runs programs over batches of jobs, and sends each job of a run to endpoints or programs."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from tapc.endpoints import AnswerSink, NoReply
from tapc.engine.programs.process import ProgramFault, run_program
from tapc.jobs import Job, Outcome, Reply, Usage
from tapc.outside.secrets import Secrets
from tapc.store.protocol import Account

SECONDS = 120.0
"""A run of a program over one batch may take so long."""

_FIRST, _MOST = 16, 512
"""Rows of the first batch, and of the largest one: batches grow while a program is quick."""

_QUICK = 2.0
_SLOW = 20.0
_PROCESSES = 2
"""Processes of one command at a time."""

_PATIENCE = 5
"""Rows in a row that fail alone, before any was answered, until a program is given up."""


class _Line:
    """One command: what waits for it, and how it does."""

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.running = 0
        self.batch = _FIRST
        self.answered = 0
        self.failures = 0
        self.given_up = ""


class Programs:
    """Answers jobs whose recipe is a program.

    A batch that fails is divided until the failing rows are isolated; only they stay without a reply. What a program
    answers is stored like a reply; a failure is not, so that the next run tries again.

    Args:
        account: keeps what programs answer.
        answers: takes every job's end, once.
        folder: where programs run.
        environ: their environment.
        seconds: how long a batch may take.
        secrets: what no answer may hold; programs see the whole environment.
    """

    def __init__(
        self,
        account: Account,
        answers: AnswerSink,
        *,
        folder: Path,
        environ: Mapping[str, str],
        seconds: float = SECONDS,
        secrets: Secrets | None = None,
    ) -> None:
        self._account = account
        self._answers = answers
        self._folder = folder
        self._environ = environ
        self._seconds = seconds
        self._secrets = secrets or Secrets(())
        self._lines: dict[bytes, _Line] = defaultdict(_Line)
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[bytes] = set()
        self._stopped = False
        self.done = 0
        self.failed = 0
        self.error: BaseException | None = None

    def submit(self, job: Job) -> None:
        """Ask for a job's answer."""
        self._open.add(job.key)
        if self._stopped:
            self._fail(job, NoReply("stopped", "the run was stopped"))
            return
        line = self._lines[job.recipe.parameters]
        line.waiting.append(job)
        # called soon, not now: jobs of one turn of the fold share a process
        asyncio.get_running_loop().call_soon(self._pump, line)

    def stop(self) -> None:
        """Start no more; what waits gets `NoReply("stopped")`."""
        self._stopped = True
        for line in self._lines.values():
            while line.waiting:
                self._fail(line.waiting.popleft(), NoReply("stopped", "the run was stopped"))

    async def aclose(self) -> None:
        """Stop, and end what runs.

        Raises:
            Exception: what broke the run, such as a full disk.
        """
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _pump(self, line: _Line) -> None:
        while line.waiting and line.running < _PROCESSES and not self._stopped:
            batch = [line.waiting.popleft() for _ in range(min(line.batch, len(line.waiting)))]
            line.running += 1
            task = asyncio.get_running_loop().create_task(self._work(line, batch))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.error = self.error or error
            self.stop()

    async def _work(self, line: _Line, batch: list[Job]) -> None:
        left = [batch]
        try:
            while left:
                jobs = left.pop()
                if line.given_up or self._stopped:
                    self._give_up(line, jobs)
                elif (fault := await self._run(line, jobs)) is not None:
                    self._divide(line, jobs, fault, left)
        finally:  # whatever happened, no job is left without an end
            for job in batch:
                self._fail(job, NoReply("stopped", "the run was stopped"))
            line.running -= 1
        self._pump(line)

    async def _run(self, line: _Line, jobs: list[Job]) -> ProgramFault | None:
        loop = asyncio.get_running_loop()
        command = msgspec.json.decode(jobs[0].recipe.parameters, type=list[str])
        started = loop.time()
        try:
            lines = await run_program(
                command,
                [job.messages[0].content for job in jobs],
                folder=self._folder,
                environ=self._environ,
                seconds=self._seconds,
            )
        except ProgramFault as fault:
            return ProgramFault(self._secrets.mask(str(fault)))
        seconds = loop.time() - started
        if seconds < _QUICK:
            line.batch = min(_MOST, max(line.batch, 2 * len(jobs)))
        elif seconds > _SLOW:
            line.batch = max(1, len(jobs) // 2)
        answers = [(job, self._reply(text, seconds / len(jobs))) for job, text in zip(jobs, lines, strict=True)]
        await self._account.keep(answers)
        line.answered += len(jobs)
        line.failures = 0
        for job, reply in answers:
            self.done += 1
            self._deliver(job, reply)
        return None

    def _divide(self, line: _Line, jobs: list[Job], fault: ProgramFault, left: list[list[Job]]) -> None:
        if len(jobs) > 1:
            middle = len(jobs) // 2
            left += [jobs[middle:], jobs[:middle]]
            return
        line.failures += 1
        if line.failures >= _PATIENCE and not line.answered:
            line.given_up = str(fault)
        command = jobs[0].recipe.model
        self._fail(jobs[0], NoReply("failed", f"the program `{command}` gave no answer: {fault}"))

    def _give_up(self, line: _Line, jobs: list[Job]) -> None:
        for job in jobs:
            detail = f"the program `{job.recipe.model}` never answers: {line.given_up}"
            stopped = NoReply("stopped", "the run was stopped")
            self._fail(job, NoReply("endpoint", detail) if line.given_up else stopped)

    def _fail(self, job: Job, why: NoReply) -> None:
        if job.key in self._open:
            self.failed += 1
            self._deliver(job, why)

    def _deliver(self, job: Job, answer: Reply | NoReply) -> None:
        self._open.discard(job.key)
        self._answers.put(job, answer)

    def _reply(self, text: str, seconds: float) -> Reply:
        outcome: Outcome = "leak" if self._secrets.leaked(text) else "ok"
        shown = "" if outcome == "leak" else text
        return Reply(outcome, (shown,), Usage(0, 0), 0, origin="program:", seconds=round(seconds, 3))


class _Endpoints(Protocol):
    def submit(self, job: Job, label: str, order: int) -> None: ...

    def stop(self) -> None: ...


class JobRouter:
    """A `JobSender` of endpoints behind a dispatcher, and programs.

    Args:
        endpoints: the dispatcher.
        programs: those of the spec.
        start: finds out whether the endpoints can be asked; raises if not.
    """

    def __init__(self, endpoints: _Endpoints, programs: Programs, start: Callable[[], Awaitable[None]]) -> None:
        self._endpoints = endpoints
        self._programs = programs
        self._start = start

    async def start(self) -> None:
        """See `JobSender`."""
        await self._start()

    def submit(self, job: Job, label: str, order: int) -> None:
        """See `JobSender`. Programs take their jobs as they come: these are not paid for."""
        if job.recipe.runs_program:
            self._programs.submit(job)
        else:
            self._endpoints.submit(job, label, order)

    def stop(self) -> None:
        """See `JobSender`."""
        self._endpoints.stop()
        self._programs.stop()
