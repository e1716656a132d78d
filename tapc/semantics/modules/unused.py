"""Imports that nothing names."""

from collections.abc import Iterator

from tapc.diagnostics import Edit, Fix
from tapc.semantics.modules.module import LoadedModule
from tapc.semantics.report import Report
from tapc.source import Span
from tapc.syntax.nodes import (
    Block,
    Call,
    Comparison,
    Entry,
    Exclude,
    Import,
    List,
    Param,
    Path,
    Statement,
    Value,
    When,
)


def report_unused(module: LoadedModule, report: Report) -> None:
    """Warn of imports whose name stands nowhere in the file."""
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
    stack: list[Statement | Value | Block] = list(statements)
    while stack:
        node = stack.pop()
        match node:
            case Path():
                yield node
            case Entry():
                stack.extend(node.values)
                if node.graft is not None:
                    yield node.graft
                if node.block is not None:
                    stack.extend(node.block.statements)
            case When():
                stack.extend(test.value for test in node.condition.tests)
                stack.extend(node.block.statements)
            case Exclude():
                stack.append(node.test.value)
            case List():
                stack.extend(node.items)
            case Call():
                stack.extend(node.arguments)
            case Comparison():
                stack.append(node.value)
            case Param():
                stack.append(node.default)
            case Import():
                pass
            case _:
                pass
