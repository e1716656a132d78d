"""Imports that nothing names."""

from collections.abc import Iterator
from typing import cast

from tapc.diagnostics import Edit, Fix
from tapc.semantics.modules.module import LoadedModule
from tapc.semantics.report import Report
from tapc.source import Span
from tapc.syntax.nodes import Import, Node, Path, Statement


def report_unused(module: LoadedModule, report: Report) -> None:
    """Warn of imports whose name stands nowhere in the file."""
    if not module.imports:
        return
    used = {path.parts[0].text for path in _paths(module.node.statements)}
    for name, binding in module.imports.items():
        if name in used:
            continue
        span = binding.node.span
        end = module.file.text.find("\n", span.end)
        line = Span(span.start, len(module.file.text) if end < 0 else end + 1)
        clean = not module.file.text[span.end : line.end].strip()
        fix = Fix("remove the import", (Edit(module.file, line if clean else span, ""),))
        place = module.place(binding.node)
        report.add("TAP123", f"the import `{name}` is not used", place, fixes=(fix,))


def _paths(statements: tuple[Statement, ...]) -> Iterator[Path]:
    """Every path in the statements, wherever it stands; nodes hold nodes and tuples of nodes."""
    stack: list[object] = list(statements)
    while stack:
        node = stack.pop()
        if isinstance(node, Path):
            yield node
        elif isinstance(node, tuple):
            stack.extend(cast("tuple[object, ...]", node))
        elif isinstance(node, Node) and not isinstance(node, Import):
            stack.extend(getattr(node, field) for field in node.__struct_fields__)
