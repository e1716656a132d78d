"""Reads axes, nodes and values from their statements, grafts and tables included."""

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.semantics.report import Place
from tapc.semantics.space.body import Body, BodyReader
from tapc.semantics.space.context import MAX_DEPTH, Context, NodeDraft, word_of
from tapc.semantics.space.overlay import overlay, overlay_children
from tapc.semantics.space.prune import prune
from tapc.semantics.space.reserved import entry_name
from tapc.semantics.space.shares import ShareReader, Written, plain_share
from tapc.semantics.space.table import table_children
from tapc.semantics.space_input import Axis
from tapc.source import SourceFile
from tapc.syntax.nodes import Entry, Name, Path, Quoted, Text, Value


class AxisDraft(msgspec.Struct, frozen=True):
    """An axis as read.

    Attributes:
        root: its nodes or values are the children.
        per_candidate: whether it is drawn for each candidate.
        by_leaves: samples that every leaf has at least, where nodes weigh as much as their leaves; else None.
    """

    root: NodeDraft
    per_candidate: bool
    by_leaves: int | None = None


class _AxisWords(msgspec.Struct, frozen=True):
    """The values behind the name of an axis."""

    per_candidate: bool
    by_leaves: int | None
    source: tuple[str, Place] | None
    rest: list[Value]


class AxisReader:
    """Reads axes of one kind."""

    def __init__(self, context: Context, axis: Axis) -> None:
        self._context = context
        self._axis: Axis = axis
        self._depth = 0

    def read(self, file: SourceFile, entry: Entry) -> AxisDraft | None:
        """Read a `taxonomy` or `mix` statement; None (reported) where not even its name can be read."""
        context = self._context
        place = Place(file, entry.span)
        name = axis_name(entry)
        if name is None:
            context.report.add("TAP209", f"a {self._axis} needs a name", Place(file, entry.head.span))
            return None
        words = self._axis_words(file, entry)
        source, rest = words.source, words.rest
        shares = ShareReader(context, file)
        for value in rest:
            text = context.text(file, value)
            if text is None:
                message = f"a {self._axis} has no share, only its {self._members} have"
                context.report.add("TAP202", message, Place(file, value.span))
            elif shares.title is not None:
                context.report.add("TAP207", "two titles", Place(file, value.span))
            else:
                shares.title = text
        body = BodyReader(context, file, shares, self._child, root=True).read(entry)
        source = source or body.source
        children: tuple[NodeDraft, ...] = ()
        if source is not None:
            children = table_children(context, source, body.columns, body.levels, self._axis)
        elif body.columns is not None or body.levels:
            context.report.add("TAP708", "`columns` and `levels` describe a table; there is no `from`", place)
        own = NodeDraft(
            name,
            Place(file, entry.values[0].span),
            title=shares.title,
            definition=body.definition,
            notes=tuple(sorted(body.notes.items())),
            examples=tuple(body.examples),
        )
        root = self._composed(own, entry, file, body, children, place)
        return AxisDraft(root, words.per_candidate, words.by_leaves)

    @property
    def _members(self) -> str:
        return "nodes" if self._axis == "taxonomy" else "values"

    def _composed(
        self, own: NodeDraft, entry: Entry, file: SourceFile, body: Body, table: tuple[NodeDraft, ...], place: Place
    ) -> NodeDraft:
        """An entry on top of what it copies, pruned."""
        base = self._copied(file, entry.graft) if entry.graft is not None else None
        below = table if base is None else overlay_children(base.children, table)
        own = msgspec.structs.replace(own, children=self._unique(body.children))
        if below:
            below = prune(self._context, below, body.only, body.dropped, place)
        elif own.children and entry.graft is None:
            pruned = prune(self._context, own.children, body.only, body.dropped, place)
            own = msgspec.structs.replace(own, children=pruned)
        if base is None:
            return msgspec.structs.replace(own, children=overlay_children(below, own.children))
        return overlay(msgspec.structs.replace(base, children=below), own)

    def _axis_words(self, file: SourceFile, entry: Entry) -> "_AxisWords":
        """`per candidate`, `by leaves`, `from "file"`, and the other values behind the name."""
        per_candidate, source, rest = False, None, list[Value]()
        by_leaves: int | None = None
        values = entry.values[1:]
        index = 0
        while index < len(values):
            word = word_of(values[index])
            following = values[index + 1] if index + 1 < len(values) else None
            if word == "per" and self._axis == "mix" and word_of(following) == "candidate":
                per_candidate = True
                index += 2
            elif word == "by" and self._axis == "taxonomy" and word_of(following) == "leaves":
                by_leaves = 0
                index += 2
            elif word == "at_least" and by_leaves is not None and following is not None:
                bound = ShareReader(self._context, file)
                bound.amount("at_least", following, Place(file, values[index].span))
                by_leaves = bound.result().share.at_least or 0
                index += 2
            elif word == "from" and following is not None and self._context.text(file, following) is not None:
                source = (self._context.text(file, following) or "", Place(file, following.span))
                index += 2
            else:
                rest.append(values[index])
                index += 1
        return _AxisWords(per_candidate, by_leaves, source, rest)

    def _child(self, file: SourceFile, entry: Entry) -> NodeDraft | None:
        context = self._context
        place = Place(file, entry.head.span)
        name = entry_name(context, file, entry)
        if not context.spend(place):
            return None
        if self._depth >= MAX_DEPTH:
            context.too_large(f"more than {MAX_DEPTH} levels", place)
            return None
        if entry.block is None and entry.graft is None:
            definition = entry.definition.text if entry.definition is not None else None
            if definition is None and entry.doc is not None:
                definition = entry.doc.text.strip() or None
            written = plain_share(context, file, entry.values) if entry.values else Written()
            if name is None:
                return None
            return NodeDraft(name, place, written.share, written.given, written.sized, written.title, definition)
        shares = ShareReader(context, file)
        shares.read(entry.values)
        return self._with_block(file, entry, name, place, shares)

    def _with_block(
        self, file: SourceFile, entry: Entry, name: str | None, place: Place, shares: ShareReader
    ) -> NodeDraft | None:
        value = self._axis == "mix"
        if value and entry.graft is not None:
            message = "a value of a mix cannot be copied from elsewhere"
            self._context.report.add("TAP225", message, Place(file, entry.graft.span))
            return None
        self._depth += 1
        body = BodyReader(self._context, file, shares, self._child, value=value).read(entry)
        written = shares.result()
        own = NodeDraft(
            name or "",
            place,
            written.share,
            written.given,
            written.sized,
            written.title,
            body.definition,
            tuple(sorted(body.notes.items())),
            tuple(body.examples),
        )
        found = self._composed(own, entry, file, body, (), Place(file, entry.span))
        self._depth -= 1
        return found if name is not None else None

    def _unique(self, children: list[NodeDraft]) -> tuple[NodeDraft, ...]:
        seen: dict[str, NodeDraft] = {}
        for child in children:
            first = seen.setdefault(child.name, child)
            if first is not child:
                message = f"two {self._members} are named `{child.name}`"
                self._context.report.add("TAP206", message, child.place, first.place.label("the first one"))
        return tuple(seen.values())

    def _copied(self, file: SourceFile, path: Path) -> NodeDraft | None:
        """The declaration that a path names, read as if it stood here."""
        context = self._context
        declared = context.given.resolve(file, path, self._axis)
        if declared is None:
            context.unresolved += 1
            return None
        target = declared.placed.place()
        place = Place(file, path.span)
        if target in context.copying:
            context.report.add("TAP218", f"`{path.text}` leads back to itself", place, target.label("copied here"))
            return None
        context.copying.append(target)
        self._depth += 1
        found = self.read(declared.placed.file, declared.placed.entry) if self._depth <= MAX_DEPTH else None
        if self._depth > MAX_DEPTH:
            context.too_large(f"more than {MAX_DEPTH} levels of copies", place)
        self._depth -= 1
        context.copying.pop()
        return None if found is None else self._inside(found.root, declared.rest, place)

    def _inside(self, draft: NodeDraft, rest: tuple[Name | Quoted, ...], place: Place) -> NodeDraft | None:
        for part in rest:
            below = next((child for child in draft.children if child.name == part.text), None)
            if below is None:
                better = did_you_mean(part.text, (child.name for child in draft.children))
                notes = (f"did you mean `{better}`?",) if better else ()
                self._context.report.add("TAP219", f"`{draft.name}` has no node `{part.text}`", place, notes=notes)
                return None
            draft = below
        return draft


def axis_name(entry: Entry) -> str | None:
    """The name that an axis declares; None where it declares none."""
    first = entry.values[0] if entry.values else None
    if isinstance(first, Path) and len(first.parts) == 1:
        return first.parts[0].text
    return first.text if isinstance(first, Quoted) and not isinstance(first, Text) else None
