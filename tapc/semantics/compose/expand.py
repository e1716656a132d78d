"""Fills in pipelines and copies (`= path`)."""

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.semantics.compose.draft import DatasetDraft, Key, draft, key_of
from tapc.semantics.compose.item import Arg, Item, Scope, lift, lift_block
from tapc.semantics.compose.merge import merge, merge_fields
from tapc.semantics.modules import Found, explain_missing, find
from tapc.semantics.report import Place, Report
from tapc.semantics.space_input import SpaceStatement
from tapc.syntax.nodes import Call, Path

MAX_COPIES = 32
"""Longest chain of copies; more would be unreadable."""


class Composed(msgspec.Struct, frozen=True, eq=False):
    """A dataset as one list of statements, whatever files they come from.

    Attributes:
        items: everything but the sample space; names are unique.
        space: taxonomy, mixes and rules, in source order.
        broken: names whose absence is reported already; an empty one among them means any.
        copied: names of endpoints and rubrics that others copy.
    """

    name: str
    place: Place
    scope: Scope
    items: tuple[Item, ...]
    space: tuple[SpaceStatement, ...]
    broken: frozenset[str] = frozenset()
    copied: frozenset[str] = frozenset()


def compose(found: Found, report: Report) -> Composed | None:
    """Compose a dataset; None where it extends nothing that exists (reported)."""
    made = draft(found, report)
    if made is None:
        return None
    steps: dict[Key, Item] = {}
    broken = made.lost - {""}
    for key, item in made.items.items():
        if key[0] == "pipeline":
            broken.update(_expand(item, made, steps, report))
    for key, item in made.items.items():
        if key[0] != "pipeline":
            steps[key] = (
                merge(steps[key], item, report.vocabulary) if key in steps and steps[key].head == item.head else item
            )
    for key, item in made.dropped.items():
        if key not in made.hit:
            _nothing_dropped(key, item, steps, report)
    filled = {key: fill_copy(item, steps, report) for key, item in steps.items()}
    broken.update(key[-1] for key, item in filled.items() if item is None)
    items = tuple(item for item in filled.values() if item is not None)
    copied = frozenset(item.entry.graft.text for item in steps.values() if item.entry.graft is not None)
    return Composed(made.name, made.place, made.scope, items, tuple(made.space), frozenset(broken), copied)


def _expand(use: Item, made: DatasetDraft, steps: dict[Key, Item], report: Report) -> set[str]:
    """Add a pipeline's steps; returns names that are missing because of what was reported."""
    path = use.entry.values[0] if use.entry.values else None
    if not isinstance(path, Path):
        notes = ("for example `pipeline tap { topic topic, writer gpt }`",)
        report.add("TAP110", "this pipeline has no name", use.head_place, notes=notes)
        return {""}
    found = find(use.scope.module, path)
    if found is None or found.entry.keyword != "pipeline":
        if found is not None:
            report.add("TAP112", f"`{path.text}` is a {found.entry.keyword}, not a pipeline", use.name_place)
        else:
            explain_missing(use.scope.module, path, "a pipeline", _names(use.scope, "pipeline"), report)
        return {""}
    arguments, missing = _arguments(use, found, report)
    scope = Scope(found.module, arguments)
    known = report.vocabulary.statement("pipeline").names
    for item in lift_block(found.entry.block, scope, report) if found.entry.block else ():
        key = key_of(item, report)
        if item.head not in known:
            stranger(item, known, report)
        elif (item.head, item.name) in made.dropped or (item.head, "") in made.dropped:
            made.hit.update({(item.head, item.name), (item.head, "")})
        elif key in steps:
            places = (item.name_place.label("again here"), steps[key].name_place.label("first here"))
            report.add("TAP113", f"the name `{item.name}` is declared twice", *places)
        else:
            steps[key] = item
    return missing


def stranger(item: Item, known: tuple[str, ...], report: Report) -> None:
    """Report a statement that a pipeline cannot hold."""
    better = did_you_mean(item.head, known)
    notes = (f"did you mean `{better}`?",) if better else (f"a pipeline has {', '.join(known)}",)
    report.add("TAP101", f"unknown statement `{item.head}` in a pipeline", item.head_place, notes=notes)


def _arguments(use: Item, found: Found, report: Report) -> tuple[dict[str, Arg], set[str]]:
    call = found.entry.values[0]
    wanted = [a.text for a in call.arguments if isinstance(a, Path)] if isinstance(call, Call) else []
    given: dict[str, Arg] = {}
    heads = {item.head for item in use.children or ()}
    meant: set[str] = set()
    for item in use.children or ():
        if item.head not in wanted:
            better = did_you_mean(item.head, [name for name in wanted if name not in heads])
            meant.add(better or "")
            notes = (f"did you mean `{better}`?",) if better else (f"it takes {', '.join(wanted)}",)
            message = f"the pipeline `{found.name}` has no parameter `{item.head}`"
            report.add("TAP142", message, item.head_place, notes=notes)
        elif item.head in given:
            report.add("TAP109", f"`{item.head}` is given twice", item.head_place)
        elif len(item.args) != 1:
            report.add("TAP104", f"the parameter `{item.head}` takes one value or a list", item.place)
        else:
            given[item.head] = item.args[0]
    unbound = {name for name in wanted if name not in given}
    missing = [name for name in wanted if name in unbound and name not in meant]
    if missing:
        report.add(
            "TAP142",
            f"the pipeline `{found.name}` needs {', '.join(f'`{name}`' for name in missing)}",
            use.name_place,
            found.module.place(call).label("its parameters"),
            notes=(f"add `{missing[0]} …` to its block",),
        )
    return given, unbound


def _nothing_dropped(key: Key, item: Item, steps: dict[Key, Item], report: Report) -> None:
    kind, name = key
    named = report.vocabulary.named
    if kind not in {
        *named,
        "emit",
        "taxonomy",
        "mix",
        "samples",
        "accept",
        "reserve",
        "budget",
        "expect",
        "card",
        "meta",
        "allow",
    }:
        known = sorted({*named, "emit", "taxonomy", "mix", "budget", "expect", "card", "allow"})
        better = did_you_mean(kind, known)
        notes = (f"did you mean `{better}`?",) if better else (f"what can be dropped: {', '.join(known)}",)
        report.add("TAP141", f"`{kind}` cannot be dropped", item.name_place, notes=notes)
        return
    names = [other.name for other in steps.values() if other.head == kind]
    better = did_you_mean(name, names)
    notes = (f"did you mean `{better}`?",) if better else ()
    report.add("TAP141", f"there is no {kind} `{name}` to drop".replace(" ``", ""), item.place, notes=notes)


def fill_copy(item: Item, local: dict[Key, Item], report: Report, chain: tuple[Item, ...] = ()) -> Item | None:  # noqa: PLR0911 - each refusal returns where it is found
    """An endpoint or rubric with the fields of what it copies; None where that is missing (reported)."""
    path = item.entry.graft
    if path is None or item.head == "allow":  # which says itself how it is written
        return item
    if item.head not in ("endpoint", "rubric"):
        report.add("TAP104", f"`{item.head}` cannot copy another with `=`", item.at(path))
        return item
    if any(item.entry is earlier.entry for earlier in chain):
        if item.name == min(earlier.name for earlier in chain):  # once for all that take part
            loop = " -> ".join([*(earlier.name for earlier in chain), item.name])
            report.add("TAP144", f"copies in a loop: {loop}", item.at(path))
        return None
    if len(chain) >= MAX_COPIES:
        if any(d.code == "TAP144" for d in report.diagnostics):
            return None
        report.add("TAP144", f"`{item.name}` is copied through more than {MAX_COPIES} others", item.at(path))
        return None
    base = _copied(item, path, local, report)
    if base is None:
        return None
    base = fill_copy(base, local, report, (*chain, item))
    if base is None:
        return None
    children = merge_fields(base.children or (), item.children or (), item.head, report.vocabulary)
    entry = msgspec.structs.replace(item.entry, graft=None)
    definition = item.definition or base.definition
    return msgspec.structs.replace(item, entry=entry, children=children, definition=definition)


def _copied(item: Item, path: Path, local: dict[Key, Item], report: Report) -> Item | None:
    arg = Arg(path, item.scope).follow()
    if not isinstance(arg.value, Path):
        report.add("TAP104", f"a copy needs the name of a declared {item.head}", arg.place)
        return None
    near = local.get(("named", arg.value.text)) if len(arg.value.parts) == 1 else None
    if near is not None and near.head == item.head and near.entry is not item.entry:
        return near
    return declared_item(arg, item.head, [i.name for i in local.values() if i.head == item.head], report)


def declared_item(arg: Arg, kind: str, more: list[str], report: Report) -> Item | None:
    """The top-level or imported declaration of a kind that a path names; `more` are further names for suggestions."""
    path = arg.value
    if not isinstance(path, Path):
        return None
    module = arg.scope.module
    found = find(module, path)
    article = "an" if kind[0] in "aeio" else "a"
    if found is None:
        explain_missing(module, path, f"{article} {kind}", [*more, *_names(arg.scope, kind)], report)
        return None
    if found.entry.keyword != kind:
        report.add("TAP112", f"`{path.text}` is a {found.entry.keyword}, not {article} {kind}", arg.place)
        return None
    if found.rest:
        message = f"`{found.name}` is {article} {kind} and has nothing named `{found.rest[0].text}` to refer to"
        report.add("TAP111", message, module.place(found.rest[0]))
        return None
    return lift(found.entry, Scope(found.module), report)


def _names(scope: Scope, kind: str) -> list[str]:
    module = scope.module
    names = [name for name, entry in module.declarations.items() if entry.keyword == kind]
    for name, binding in module.imports.items():
        if binding.module is None:
            continue
        if binding.declaration is not None and binding.module.declarations[binding.declaration].keyword == kind:
            names.append(name)
        names += [f"{name}.{n}" for n, e in binding.module.declarations.items() if e.keyword == kind]
    return names
