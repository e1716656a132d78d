"""Steps and what their results must pass."""

from collections.abc import Mapping

from tapc.ir import Check, Step
from tapc.semantics.lower.arguments import CheckKind
from tapc.semantics.page import Page, field
from tapc.semantics.registry import Registry
from tapc.syntax import write_name


def step(given: Step, registry: Registry, page: Page) -> None:
    """One step."""
    path = f"step.{given.name}"
    page.gap()
    head = f"{given.kind} {write_name(given.name)}"
    with page.block(head, path, head):
        registry.steps[given.kind].show(given, path, page)
        _checks(given.checks(), registry.checks, path, page)


def _checks(given: tuple[Check, ...], kinds: Mapping[str, CheckKind], path: str, page: Page) -> None:
    """One line per check."""
    for check in given:
        kind = kinds[check.check]
        arguments = [word for argument in kind.arguments for word in argument.write(check, page)]
        words = ["require", *(["not"] if check.negated else []), check.check, *arguments]
        if check.field is not None and not any(argument.is_field for argument in kind.arguments):
            words += ["of", field(check.field)]
        head = " ".join(words)
        if kind.block is None:
            page.put(head, f"{path}.require")
        else:
            with page.block(head, f"{path}.require"):
                for one in kind.block.fields:
                    page.put(f"{one.name} {getattr(check, one.name)}", f"{path}.require")
