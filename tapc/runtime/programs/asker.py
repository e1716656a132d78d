"""Sends each job to who can answer it."""

from typing import Protocol

from tapc.jobs import Job
from tapc.runtime.programs.runner import Programs


class _Asker(Protocol):
    def submit(self, job: Job, label: str) -> None: ...

    def stop(self) -> None: ...


class Askers:
    """Endpoints behind a dispatcher, and programs."""

    def __init__(self, endpoints: _Asker, programs: Programs) -> None:
        self._endpoints = endpoints
        self._programs = programs

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
