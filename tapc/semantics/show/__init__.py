"""A composed dataset as one complete spec that means the same."""

from tapc.semantics.show.face import show
from tapc.semantics.show.page import Line

__all__ = ["Line", "show"]
