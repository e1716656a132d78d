"""The front end as one function: from a path to a checked dataset."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from tapc.diagnostics import Allow, Diagnostic, did_you_mean, has_errors, in_order
from tapc.frontend.allowances import Allowances
from tapc.ir import Dataset, Endpoint, Space
from tapc.kinds.declared import REGISTRY
from tapc.outside.key_shapes import find_keys
from tapc.semantics.compose import Arg, Composed, Scope, compose, declared_item, lift
from tapc.semantics.lower import check_apart, check_pipeline, draft_rubric, lower_dataset, lower_endpoint
from tapc.semantics.modules import (
    Found,
    LoadedModule,
    ModuleGraph,
    RecordingLoader,
    explain_missing,
    find,
    read_allow,
    report_unused,
    report_unused_declarations,
)
from tapc.semantics.registry import Registry
from tapc.semantics.report import Place, Placed, Report
from tapc.semantics.space import axis_name, lower_space
from tapc.semantics.space_input import Axis, Bound, Declaration, SpaceInput, SpaceStatement
from tapc.source import Loader, SourceFile, Span, bundled_dir
from tapc.syntax.nodes import Entry
from tapc.syntax.nodes import Path as NamePath


def report_clear_keys(files: Iterable[SourceFile], report: Report) -> bool:
    """Report every text that has the shape of a key, unless its statement was reported; whether there is any."""
    before = len(report.diagnostics)
    known = [label for d in report.diagnostics if d.code == "TAP401" for label in d.labels[:1]]
    for file in files:
        for shape, start, end in find_keys(file.text):
            if any(label.file is file and label.span.start <= start < label.span.end for label in known):
                continue
            notes = (
                'keys are read from the environment: `key env("NAME")` or `header "NAME" env("NAME")`',
                "treat the one written here as leaked: revoke it",
                "if it is made up, take a few of its characters away, or write one of them as an escape",
            )
            message = f"a key ({shape.provider}) is in the spec in clear text"
            report.add("TAP401", message, Place(file, Span(start, end)), notes=notes)
    return len(report.diagnostics) > before


_ABSENCES = frozenset(
    {"TAP110", "TAP111", "TAP122", "TAP123", "TAP141", "TAP142", "TAP143", "TAP302", "TAP303", "TAP404", "TAP405"}
    | {"TAP210", "TAP211", "TAP219", "TAP220", "TAP413", "TAP416", "TAP426", "TAP428", "TAP442"}
)
"""Findings that something is missing; in a damaged file it may be in the unreadable part."""

_STRANGERS = frozenset({"TAP101", "TAP102", "TAP103"})
"""Findings that something is in the wrong place; in a damaged file only those are told that look like slips."""


class Part(msgspec.Struct, frozen=True, eq=False):
    """One dataset of a spec.

    Attributes:
        dataset: lowered.
        composed: before lowering.
        origins: part of the IR to its place; see `Report.origins`.
    """

    dataset: Dataset
    composed: Composed
    origins: Mapping[str, Place]


class Compiled(msgspec.Struct, frozen=True):
    """What the front end found.

    Attributes:
        dataset: the chosen dataset; None where the spec is wrong, or holds none or several and none was chosen.
        diagnostics: in order.
        origins: part of the IR to its place; see `Report.origins`.
        sources: (name, sha256) of every file read, the spec first.
        datasets: names the spec declares.
        composed: the chosen dataset before lowering, for `show`.
        parts: every dataset that was asked for and is right.
        registry: the kinds that were known.
        allowances: which warnings are meant; those among `diagnostics` are marked.
    """

    dataset: Dataset | None
    diagnostics: list[Diagnostic]
    origins: Mapping[str, Place]
    sources: tuple[tuple[str, str], ...]
    datasets: tuple[str, ...]
    composed: Composed | None = None
    parts: tuple[Part, ...] = ()
    registry: Registry = REGISTRY
    allowances: Allowances = Allowances()


class _Session:
    """One compilation: what was read, and what was found."""

    def __init__(self, loader: Loader, registry: Registry) -> None:
        self.registry = registry
        self.report = Report(registry.vocabulary)
        self.loader = RecordingLoader(loader)
        self.graph = ModuleGraph(self.loader, self.report)
        self._models: dict[str, Endpoint] | None = None

    def module_of(self, file: SourceFile) -> LoadedModule | None:
        """The module a file belongs to."""
        return self.graph.by_file.get(id(file))

    def space(self, composed: Composed, samples: int | None) -> Space:
        """Lower the sample space of a dataset."""
        return lower_space(
            SpaceInput(
                dataset=composed.name,
                place=composed.place,
                samples=samples,
                statements=composed.space,
                resolve=partial(self._resolve, composed),
                parameter=self._parameter,
                folder=lambda file: module.path.parent if (module := self.module_of(file)) else Path(),
                loader=self.loader,
                report=self.report,
            )
        )

    def _resolve(self, composed: Composed, file: SourceFile, path: NamePath, kind: Axis) -> Declaration | None:
        module = self.module_of(file)
        if module is None:
            return None
        found = find(module, path)
        if found is None:
            own = _own_axes(composed.space, file, kind)
            if path.parts[0].text in own:
                return Declaration(own[path.parts[0].text], tuple(path.parts[1:]))
            known = [name for name, entry in module.declarations.items() if entry.keyword == kind]
            known += own
            explain_missing(module, path, f"a {kind}", known, self.report)
            return None
        if found.entry.keyword != kind:
            message = f"`{path.text}` is a {found.entry.keyword}, not a {kind}"
            self.report.add("TAP112", message, module.place(path))
            return None
        return Declaration(Placed(found.module.file, found.entry), found.rest)

    def _parameter(self, file: SourceFile, path: NamePath) -> Bound | None:
        module = self.module_of(file)
        if module is None:
            return None
        arg = Arg(path, Scope(module))
        behind = arg.follow()
        return None if behind is arg else Bound(behind.value, behind.place)

    def model(self, name: str) -> Endpoint | None:
        """What is shipped on a model, by exact name: its price, and the name of its output limit."""
        if self._models is None:
            if f'"{name}"' not in (bundled_dir("stdlib") / "prices.tap").read_text(encoding="utf-8"):
                return None  # the usual case, without reading the module
            self._models = {}
            module = self.graph.standard("std.prices")
            scratch = Report(self.registry.vocabulary)
            for entry in module.declarations.values() if module else ():
                if module is not None and entry.keyword == "endpoint":
                    made = lower_endpoint(lift(entry, Scope(module), scratch), scratch, lambda _: None)
                    if made is not None:
                        self._models[made.model] = made
        return self._models.get(name)


def _own_axes(statements: tuple[SpaceStatement, ...], file: SourceFile, kind: Axis) -> dict[str, Placed]:
    """Axes of a kind that a dataset declares, where a file holds some of its statements; by name."""
    if all(statement.file is not file for statement in statements):
        return {}
    found: dict[str, Placed] = {}
    for statement in statements:
        entry = statement.statement
        name = axis_name(entry) if isinstance(entry, Entry) and entry.keyword == kind else None
        if name is not None and isinstance(entry, Entry):
            found[name] = Placed(statement.file, entry)
    return found


def compile_spec(
    path: Path,
    loader: Loader,
    *,
    settings: Mapping[str, str] | None = None,
    dataset: str | None = None,
    registry: Registry = REGISTRY,
) -> Compiled:
    """Read, compose, check and lower a spec; never raises for a wrong one.

    Args:
        path: of the spec, as the user gave it.
        loader: reads the spec, its imports and its tables.
        settings: `--set NAME=VALUE`.
        dataset: which one to lower where the spec holds several; without it all are checked.
        registry: kinds of steps, checks and emits that it may use.
    """
    session = _Session(loader, registry)
    module = session.graph.root(path, dict(settings or {}))
    names: tuple[str, ...] = ()
    chosen: Dataset | None = None
    composed: Composed | None = None
    parts: list[Part] = []
    allowances = Allowances()
    if module is not None:
        names = tuple(name for name, entry in module.declarations.items() if entry.keyword == "dataset")
        named = [(name, module.place(module.declarations[name].values[0])) for name in names]
        check_apart(named, "datasets", session.report)
        wanted = _wanted(names, dataset, session.report)
        allows: dict[str, tuple[Allow, ...]] = {}
        files = tuple(one for read in session.graph.by_file.values() for one in read.allows)
        for name in wanted:
            session.report.origins, before = {}, len(session.report.diagnostics)
            made, lowered, allows[name] = _dataset(module, name, session)
            session.report.diagnostics[before:] = Allowances(allows, files).mark(
                session.report.diagnostics[before:], name
            )
            if made is not None and lowered is not None:
                parts.append(Part(lowered, made, session.report.origins))
            if len(wanted) == 1:
                composed, chosen = made, lowered
        allowances = Allowances(allows, files, tuple(_owed(module, allows, whole=len(wanted) == len(names))))
        if not names:
            _library(module, session)
        report_unused(module, session.report)
        if not has_errors(session.report.diagnostics):
            report_unused_declarations(module, session.report)
    if report_clear_keys((module.file for module in session.graph.by_file.values()), session.report):
        chosen, parts = None, []
    report = session.report
    sources = session.loader.sources(path)
    found = [d for d in allowances.mark(report.diagnostics) if not (session.graph.damaged and _follows(d))]
    told = in_order(found)
    return Compiled(chosen, told, report.origins, sources, names, composed, tuple(parts), registry, allowances)


def _owed(
    module: LoadedModule, allows: Mapping[str, tuple[Allow, ...]], *, whole: bool
) -> Iterator[tuple[str | None, Allow]]:
    """See `Allowances.owed`; those at the top only where the `whole` spec, and not one dataset of it, was checked."""
    for name, given in allows.items():
        span = module.declarations[name].span
        for one in given:
            if one.label.file is module.file and span.start <= one.label.span.start < span.end:
                yield name, one
    if allows and whole:
        yield from ((None, one) for one in module.allows)


def _follows(finding: Diagnostic) -> bool:
    """Whether a finding may only follow from text that could not be parsed."""
    slip = any(note.startswith("did you mean") for note in finding.notes)
    return finding.code in _ABSENCES or (finding.code in _STRANGERS and not slip)


def _wanted(names: tuple[str, ...], dataset: str | None, report: Report) -> tuple[str, ...]:
    if dataset is None:
        return names
    if dataset in names:
        return (dataset,)
    better = did_you_mean(dataset, names)
    known = f"the spec declares {', '.join(names)}" if names else "the spec declares no datasets"
    report.add("TAP143", f"there is no dataset `{dataset}`", notes=(f"did you mean `{better}`?" if better else known,))
    return ()


def _dataset(
    module: LoadedModule, name: str, session: _Session
) -> tuple[Composed | None, Dataset | None, tuple[Allow, ...]]:
    found = Found(module, name, module.declarations[name], ())
    composed = compose(found, session.report)
    if composed is None:
        return None, None, ()
    read = (read_allow(i.entry, i.scope.file, session.report) for i in composed.items if i.head == "allow")
    allows = tuple(one for one in read if one is not None)
    broken = any(d.severity == "error" for d in session.report.diagnostics)
    lowered = lower_dataset(composed, session.space, session.model, session.registry, session.report)
    return composed, None if broken else lowered, allows


def _library(module: LoadedModule, session: _Session) -> None:
    """Check what a module declares that holds no dataset."""
    checks: dict[str, Callable[[Arg], object]] = {
        "endpoint": lambda arg: _endpoint(arg, session),
        "rubric": lambda arg: _rubric(arg, session),
    }
    for name, entry in module.declarations.items():
        if entry.keyword in checks and isinstance(entry.values[0], NamePath):
            checks[entry.keyword](Arg(entry.values[0], Scope(module)))
        elif entry.keyword in ("taxonomy", "mix"):
            place = module.place(entry.values[0])
            session.space(Composed(name, place, Scope(module), (), (SpaceStatement(module.file, entry),)), None)
        elif entry.keyword == "pipeline":
            check_pipeline(entry, Scope(module), session.report)


def _endpoint(arg: Arg, session: _Session) -> None:
    item = declared_item(arg, "endpoint", [], session.report)
    if item is not None and item.entry.graft is None:
        lower_endpoint(item, session.report, session.model)


def _rubric(arg: Arg, session: _Session) -> None:
    item = declared_item(arg, "rubric", [], session.report)
    if item is not None and item.entry.graft is None:
        draft_rubric(item, session.report)
