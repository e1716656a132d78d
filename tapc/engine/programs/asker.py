"""Sends each job to who can answer it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from tapc.engine.programs.runner import Programs
from tapc.jobs import Job


class _Asker(Protocol):
    def submit(self, job: Job, label: str) -> None: ...

    def stop(self) -> None: ...


class Askers:
    """Endpoints behind a dispatcher, and programs.

    Args:
        endpoints: the dispatcher.
        programs: those of the spec.
        start: finds out whether the endpoints can be asked; raises if not.
    """

    def __init__(self, endpoints: _Asker, programs: Programs, start: Callable[[], Awaitable[None]]) -> None:
        self._endpoints = endpoints
        self._programs = programs
        self._start = start

    async def start(self) -> None:
        """Before the first job."""
        await self._start()

    def submit(self, job: Job, label: str) -> None:
        """Ask for a job; the label says whose history its usage enters."""
        if job.recipe.kind == "program":
            self._programs.submit(job)
        else:
            self._endpoints.submit(job, label)

    def stop(self) -> None:
        """Send no more."""
        self._endpoints.stop()
        self._programs.stop()
