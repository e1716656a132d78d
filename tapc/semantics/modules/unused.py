"""Imports and declarations that nothing names."""

from collections.abc import Iterator
from typing import cast

from tapc.diagnostics import Fix, removal
from tapc.semantics.modules.module import LoadedModule
from tapc.semantics.report import Report
from tapc.syntax.nodes import Entry, Import, Node, Path


def report_unused(module: LoadedModule, report: Report) -> None:
    """Warn of imports whose name stands nowhere in the file."""
    if not module.imports:
        return
    used = {path.parts[0].text for path in _paths(module.node.statements)}
    for name, binding in module.imports.items():
        if name in used or binding.module is None:  # one that cannot be read is reported: it was meant to be there
            continue
        span = binding.node.span
        fix = Fix("remove the import", (removal(module.file, span),))
        place = module.place(binding.node)
        report.add("TAP123", f"the import `{name}` is not used", place, fixes=(fix,))


def report_unused_declarations(module: LoadedModule, report: Report) -> None:
    """Warn of unused declarations in a file with a dataset; files without one are libraries."""
    if not any(entry.keyword == "dataset" for entry in module.declarations.values()):
        return
    spoken: set[str] = set()
    for node in module.node.statements:
        inside = (*node.values[1:], node.graft, node.block) if isinstance(node, Entry) else (node,)
        spoken.update(path.parts[0].text for path in _paths(inside))
    declared = [(name, module.place(param.name), "param") for name, param in module.params.items()]
    for name, entry in module.declarations.items():
        if entry.keyword != "dataset":
            declared.append((name, module.place(entry.values[0]), entry.keyword or ""))
    for name, place, kind in declared:
        if name not in spoken:
            report.add("TAP607", f"the {kind} `{name}` is not used", place)


def _paths(statements: tuple[object, ...]) -> Iterator[Path]:
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
