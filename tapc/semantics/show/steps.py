"""Steps, one function per kind."""

from tapc.ir import Step
from tapc.semantics.page import Page
from tapc.semantics.registry import Registry
from tapc.semantics.show.checks import checks
from tapc.syntax import write_name


def step(given: Step, registry: Registry, page: Page) -> None:
    """One step."""
    path = f"step.{given.name}"
    page.gap()
    with page.block(f"{given.kind} {write_name(given.name)}", path):
        registry.steps[given.kind].show(given, path, page)
        checks(given.checks(), registry.checks, path, page)
