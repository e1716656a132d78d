"""Programs of the user: fed JSON lines, answering JSON lines, in addition to the dispatcher's endpoints."""

from tapc.engine.programs.runner import JobRouter, Programs

__all__ = ["JobRouter", "Programs"]
