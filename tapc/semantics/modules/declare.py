"""What the statements at the top of a file declare."""

from collections.abc import Mapping

from tapc.diagnostics import did_you_mean
from tapc.semantics.modules.module import DECLARING, Binding
from tapc.semantics.modules.settings import override
from tapc.semantics.report import Place, Report
from tapc.source import Span
from tapc.syntax.nodes import Call, Entry, Exclude, Import, Module, Name, Param, Path, Quoted, Value, When


def declared_name(entry: Entry) -> Name | Quoted | None:
    """The name an entry declares: the first value, or the word before its parentheses."""
    if not entry.values:
        return None
    first: Value = entry.values[0]
    if isinstance(first, Call):
        return first.name
    if isinstance(first, Quoted):
        return first
    return first.parts[0] if isinstance(first, Path) and len(first.parts) == 1 else None


def declared(module: Module, imports: Mapping[str, Binding], report: Report) -> dict[str, Entry]:
    """Declarations of a module by name; reports strangers, nameless ones and clashes."""
    found: dict[str, Entry] = {}
    places: dict[str, Span] = {name: binding.node.span for name, binding in imports.items()}
    for node in module.statements:
        if isinstance(node, Import) or (isinstance(node, Entry) and node.keyword == "allow"):
            continue
        if isinstance(node, Param):
            _clash(node.name, places, module, report)
        elif isinstance(node, Entry) and node.keyword in DECLARING:
            name = declared_name(node)
            if name is None:
                head = Place(module.file, node.head.span)
                notes = (f"write `{report.vocabulary.statement(node.keyword).shape}`",)
                report.add("TAP110", f"this {node.keyword} has no name", head, notes=notes)
            elif not _clash(name, places, module, report):
                found[name.text] = node
        else:
            _stranger(node, module, report)
    return found


def params_of(module: Module, settings: Mapping[str, str], report: Report) -> dict[str, Param]:
    """Params by name, with what the settings say instead of their defaults."""
    found: dict[str, Param] = {}
    for node in module.statements:
        if isinstance(node, Param) and node.name.text not in found:
            text = settings.get(node.name.text)
            found[node.name.text] = node if text is None else override(node, text, module.file, report)
    for name in settings:
        if name not in found:
            better = did_you_mean(name, found)
            known = f"the spec declares {', '.join(sorted(found))}" if found else "the spec declares no params"
            notes = (f"did you mean `{better}`?",) if better else (known,)
            report.add("TAP130", f"--set {name}=…: the spec has no param `{name}`", notes=notes)
    return found


def _clash(name: Name | Quoted, places: dict[str, Span], module: Module, report: Report) -> bool:
    first = places.setdefault(name.text, name.span)
    if first == name.span:
        return False
    report.add(
        "TAP113",
        f"the name `{name.text}` is declared twice in this file",
        Place(module.file, name.span).label("again here"),
        Place(module.file, first).label("first here"),
    )
    return True


def _stranger(node: Entry | When | Exclude, module: Module, report: Report) -> None:
    head = "when" if isinstance(node, When) else "exclude" if isinstance(node, Exclude) else node.head.text
    span = node.head.span if isinstance(node, Entry) else Span(node.span.start, node.span.start + len(head))
    place = Place(module.file, span)
    if head in report.vocabulary.statement("dataset").names or head in ("when", "exclude"):
        report.add(
            "TAP103", f"`{head}` belongs inside a dataset", place, notes=("write it between `dataset NAME {` and `}`",)
        )
        return
    known = report.vocabulary.statement("file").names
    better = did_you_mean(head, (*known, "tap"))
    notes = (f"did you mean `{better}`?",) if better else (f"a file declares {', '.join(known)}",)
    report.add("TAP101", f"unknown statement `{head}`", place, notes=notes)
