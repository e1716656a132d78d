"""From a path of names to a declaration."""

from collections.abc import Iterable

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.semantics.modules.module import LoadedModule
from tapc.semantics.report import Report
from tapc.syntax.nodes import Entry, Name, Path, Quoted


class Found(msgspec.Struct, frozen=True, eq=False):
    """A declaration, its module, and what is left of the path."""

    module: LoadedModule
    name: str
    entry: Entry
    rest: tuple[Name | Quoted, ...]


def find(module: LoadedModule, path: Path) -> Found | None:
    """The declaration that a path in a module names; None, unreported, if there is none."""
    first, rest = path.parts[0], path.parts[1:]
    if first.text in module.declarations:
        return Found(module, first.text, module.declarations[first.text], rest)
    binding = module.imports.get(first.text)
    if binding is None or binding.module is None:
        return None
    target = binding.module
    named = rest[0].text if rest else None
    if binding.declaration is not None:
        entry = target.declarations[binding.declaration]
        if named not in target.declarations or entry.keyword == "taxonomy":
            return Found(target, binding.declaration, entry, rest)
    if named is None or named not in target.declarations:
        return None
    return Found(target, named, target.declarations[named], rest[1:])


def broken(module: LoadedModule, path: Path) -> bool:
    """Whether a path leads into a module that could not be read, so that a missing name is not reported."""
    binding = module.imports.get(path.parts[0].text)
    return binding is not None and binding.module is None


def explain_missing(module: LoadedModule, path: Path, what: str, known: Iterable[str], report: Report) -> None:
    """Report that a path names nothing; `known` are the names that would have fitted, `what` says of which kind."""
    if broken(module, path):
        return
    place = module.place(path)
    binding = module.imports.get(path.parts[0].text)
    if binding is not None and binding.module is not None and path.parts[0].text not in module.declarations:
        names = list(binding.module.declarations)
        shown = ", ".join(names) or "nothing"
        if len(path.parts) == 1:
            message = f"`{path.text}` is a module, not {what}"
            report.add("TAP112", message, place, notes=(f"name what it declares: {shown}",))
            return
        wanted = path.parts[1].text
        better = did_you_mean(wanted, names)
        notes = (f"did you mean `{path.parts[0].text}.{better}`?",) if better else (f"it declares {shown}",)
        message = f"the module `{path.parts[0].text}` declares no `{wanted}`"
        report.add("TAP122", message, module.place(path.parts[1]), notes=notes)
        return
    names = sorted(set(known))
    better = did_you_mean(path.text, names)
    notes = (f"did you mean `{better}`?",) if better else ((f"known here: {', '.join(names[:12])}",) if names else ())
    report.add("TAP111", f"there is no {what.split(' ', 1)[-1]} `{path.text}`", place, notes=notes)
