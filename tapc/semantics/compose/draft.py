"""A dataset's statements, those of the datasets it extends included, before pipelines and copies are filled in."""

import msgspec

from tapc.diagnostics import Edit, Fix, did_you_mean
from tapc.semantics.compose.item import Item, Scope, lift, misplaced
from tapc.semantics.compose.merge import merge
from tapc.semantics.modules import Found, broken, explain_missing, find, given_twice
from tapc.semantics.report import Place, Report
from tapc.semantics.space_input import SpaceStatement
from tapc.syntax.nodes import Entry, Exclude, Path, When

_ONE = frozenset({"samples", "seed", "accept", "reserve", "budget", "expect", "card", "meta"})
Key = tuple[str, ...]
MAX_EXTENDED = 32
"""Longest chain of datasets that extend each other; more would be unreadable."""


class DatasetDraft(msgspec.Struct, eq=False):
    """Work in progress.

    Attributes:
        items: by what makes them the same statement.
        space: taxonomy, mixes, rules.
        dropped: (kind, name) to take out of pipelines, with the statement that says so.
        hit: drops that removed something.
        lost: names declared by statements that are not understood (reported).
    """

    name: str
    place: Place
    scope: Scope
    items: dict[Key, Item]
    space: list[SpaceStatement]
    dropped: dict[Key, Item]
    hit: set[Key]
    lost: set[str]


def draft(found: Found, report: Report, chain: tuple[Entry, ...] = ()) -> DatasetDraft | None:
    """Compose a dataset with what it extends; None where the chain is broken (reported)."""
    entry, module = found.entry, found.module
    scope = Scope(module)
    values = entry.values
    made = DatasetDraft(found.name, module.place(values[0]), scope, {}, [], {}, set(), set())
    if len(values) > 1:
        base = _base(found, report, (*chain, entry))
        if base is None:
            return None
        made.items, made.dropped = base.items, base.dropped
        made.space = [msgspec.structs.replace(one, inherited=True) for one in base.space]
        made.hit, made.lost = base.hit, base.lost
    if entry.definition is not None or entry.graft is not None:
        extra = entry.definition or entry.graft
        place = module.place(extra) if extra is not None else made.place
        report.add("TAP104", "a dataset takes neither a definition nor a copy", place)
    if entry.block is not None:
        _fill(made, entry, scope, report)
    return made


def _base(found: Found, report: Report, chain: tuple[Entry, ...]) -> DatasetDraft | None:
    values, module = found.entry.values, found.module
    word, path = values[1], values[2] if len(values) == 3 else None
    if not (isinstance(word, Path) and word.text == "extends" and isinstance(path, Path)):
        notes = ("write `dataset NAME { … }` or `dataset NAME extends OTHER { … }`",)
        report.add("TAP104", "this is not how a dataset starts", module.place(word), notes=notes)
        return None
    base = find(module, path)
    if base is None or base.entry.keyword != "dataset":
        known = [name for name, entry in module.declarations.items() if entry.keyword == "dataset"]
        if base is not None and not broken(module, path):
            report.add("TAP112", f"`{path.text}` is a {base.entry.keyword}, not a dataset", module.place(path))
        else:
            explain_missing(module, path, "a dataset", known, report)
        return None
    if any(base.entry is earlier for earlier in chain):
        names = " -> ".join(str(getattr(e.values[0], "text", "")) for e in (*chain, base.entry))
        report.add("TAP140", f"datasets extend each other in a loop: {names}", module.place(path))
        return None
    if len(chain) > MAX_EXTENDED:
        report.add("TAP140", f"`{found.name}` extends more than {MAX_EXTENDED} datasets in a row", module.place(path))
        return None
    return draft(base, report, chain)


def _fill(made: DatasetDraft, entry: Entry, scope: Scope, report: Report) -> None:
    own: dict[Key, Item] = {}
    space: list[SpaceStatement] = []
    for node in entry.block.statements if entry.block else ():
        if isinstance(node, When | Exclude):
            space.append(SpaceStatement(scope.file, node))
        elif not isinstance(node, Entry):
            misplaced(node, scope, report)
        elif node.keyword in ("taxonomy", "mix", "moved"):
            space.append(SpaceStatement(scope.file, node))
        elif node.keyword == "drop":
            _drop(made, lift(node, scope, report), report)
        elif _known(node, scope, report):
            _own(own, lift(node, scope, report), report)
        else:
            made.lost.add(_first(node))
    for key, item in own.items():
        made.items[key] = _merged(made.items[key], item, report) if key in made.items else item
    made.space = _replace_space(made.space, space)


def _known(node: Entry, scope: Scope, report: Report) -> bool:
    known = report.vocabulary.statement("dataset").names
    if node.keyword in known:
        return True
    better = did_you_mean(node.head.text, known)
    notes = (f"did you mean `{better}`?",) if better else (f"a dataset has {', '.join(known)}",)
    fixes = (Fix(f"write `{better}`", (Edit(scope.file, node.head.span, better),)),) if better else ()
    place = Place(scope.file, node.head.span)
    report.add("TAP101", f"unknown statement `{node.head.text}`", place, notes=notes, fixes=fixes)
    return False


def key_of(item: Item, report: Report) -> Key:
    """What makes two statements of a dataset the same one."""
    if item.head in report.vocabulary.named:
        return ("named", item.name)
    if item.head == "emit":
        words = [arg.word or "" for arg in item.args]
        return ("emit", words[1] if len(words) > 1 else words[0] if words else "")
    return (item.head, item.name) if item.head in ("pipeline", "allow") else (item.head,)


def _own(own: dict[Key, Item], item: Item, report: Report) -> None:
    if item.head in report.vocabulary.named and not item.name:
        shape = report.vocabulary.statement(item.head).shape
        report.add("TAP110", f"this {item.head} has no name", item.head_place, notes=(f"write `{shape}`",))
        return
    first = own.setdefault(key_of(item, report), item)
    if first is item:
        return
    code, what = ("TAP109", f"`{item.head}` is given twice")
    if item.head == "allow":
        given_twice(item.name, item.place, first.place, report)
        return
    if item.head not in _ONE:
        code, what = ("TAP113", f"the name `{item.name or item.head}` is declared twice")
    notes = (f"give one of them a name: `emit {item.name} NAME {{ … }}`",) if item.head == "emit" and item.name else ()
    report.add(code, what, item.name_place.label("again here"), first.name_place.label("first here"), notes=notes)


def _merged(base: Item, over: Item, report: Report) -> Item:
    if base.head == over.head:
        return merge(base, over, report.vocabulary)
    report.add(
        "TAP113",
        f"`{over.name}` is a {base.head} in the dataset this one extends, and a {over.head} here",
        over.name_place.label(f"a {over.head}"),
        base.name_place.label(f"a {base.head}"),
        notes=(f"remove the first one with `drop {base.head} {over.name}`",),
    )
    return over


def _replace_space(base: list[SpaceStatement], own: list[SpaceStatement]) -> list[SpaceStatement]:
    """Taxonomy and mixes given later replace earlier ones whole, together with the rules that set those mixes."""
    tree = any(_space_key(s)[0] == "taxonomy" for s in own)
    mixes = {key[1] for key in map(_space_key, own) if key[0] == "mix"}
    return [*(s for s in base if not _gone(s, mixes, tree=tree)), *own]


def _gone(item: SpaceStatement, mixes: set[str], *, tree: bool) -> bool:
    kind, name = _space_key(item)
    return tree if kind == "taxonomy" else kind != "moved" and name in mixes


def _space_key(item: SpaceStatement) -> tuple[str, str]:
    """Kind and name; for rules the first mix they set."""
    node = item.statement
    if isinstance(node, Exclude):
        return ("exclude", node.test.axis.text)
    if isinstance(node, When):
        inner = [s for s in node.block.statements if isinstance(s, Entry)]
        return ("when", _first(inner[0]) if inner else "")
    return (node.keyword or "", _first(node))


def _first(entry: Entry) -> str:
    value = entry.values[0] if entry.values else None
    return value.text if isinstance(value, Path) else ""


def _drop(made: DatasetDraft, item: Item, report: Report) -> None:
    words = [arg.value.text for arg in item.args if isinstance(arg.value, Path)]
    if not words or len(words) != len(item.args) or len(words) > 2:
        report.add("TAP104", "`drop` takes a kind and a name", item.place, notes=("for example `drop judge verdict`",))
        return
    key = (words[0], words[1] if len(words) > 1 else "")
    made.dropped[key] = item
    size = len(made.items) + len(made.space)
    if words[0] in ("taxonomy", "mix"):
        mixes = {key[1]} if words[0] == "mix" else set[str]()
        made.space = [s for s in made.space if not _gone(s, mixes, tree=words[0] == "taxonomy")]
    if words[0] == "moved":
        made.space = [s for s in made.space if _space_key(s) != key and (key[1] or _space_key(s)[0] != "moved")]
    made.items = {k: i for k, i in made.items.items() if not (i.head == key[0] and key[1] in ("", k[-1]))}
    if len(made.items) + len(made.space) < size:
        made.hit.add(key)
