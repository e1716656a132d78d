"""Programs of the user: fed JSON lines, answering JSON lines, beside the dispatcher."""

from tapc.engine.programs.asker import Askers
from tapc.engine.programs.runner import Programs

__all__ = ["Askers", "Programs"]
