"""Programs of the user: fed JSON lines, answering JSON lines, beside the dispatcher."""

from tapc.runtime.programs.asker import Askers
from tapc.runtime.programs.runner import Programs

__all__ = ["Askers", "Programs"]
