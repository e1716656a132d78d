"""Reads a spec and everything it imports."""

import hashlib
import os.path
from pathlib import Path as FilePath

import msgspec

from tapc.diagnostics import did_you_mean, has_errors
from tapc.semantics.modules.allows import allows_of_file
from tapc.semantics.modules.declare import declared, params_of
from tapc.semantics.modules.module import Binding, LoadedModule
from tapc.semantics.report import Place, Report
from tapc.source import Loader, LoadError, SourceFile, bundled_dir
from tapc.syntax import decode_source, parse
from tapc.syntax.nodes import Import, Module, Path, Quoted

_FEW = 3
"""Other specs that are named where one does not exist."""

MAX_DEPTH = 64
"""Imports inside imports; symbolic links can make a chain of different paths that never ends."""


class RecordingLoader:
    """Passes reads on and remembers what was read, for manifests and plans."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self.hashes: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def read(self, path: FilePath) -> bytes:
        """Return the whole content; see `Loader.read`."""
        data = self._loader.read(path)
        self.hashes[str(path)] = hashlib.sha256(data).hexdigest()
        return data

    def sources(self, spec: FilePath) -> tuple[tuple[str, str], ...]:
        """(name, sha256) of everything read: the spec first, the rest by name."""
        rest = sorted((self.names.get(p, FilePath(p).as_posix()), h) for p, h in self.hashes.items() if p != str(spec))
        first = (
            [(self.names.get(str(spec), spec.as_posix()), self.hashes[str(spec)])] if str(spec) in self.hashes else []
        )
        return (*first, *rest)


class _Step(msgspec.Struct, frozen=True):
    """A file being read, and the import (in the file before it) that asked for it."""

    key: str
    name: str
    asked: Place | None


class ModuleGraph:
    """Reads modules once each and reports what is wrong with them.

    Attributes:
        by_file: modules by identity of their file, which they keep alive.
        damaged: whether some text could not be parsed, so that a missing name may be in it.
    """

    def __init__(self, loader: RecordingLoader, report: Report) -> None:
        self._loader = loader
        self._report = report
        self._loaded: dict[str, LoadedModule | None] = {}
        self.by_file: dict[int, LoadedModule] = {}
        self.damaged = False

    def root(self, path: FilePath, settings: dict[str, str]) -> LoadedModule | None:
        """Read the spec itself; `settings` override its params."""
        return self._load(path, path.as_posix(), None, (), settings)

    def standard(self, dotted: str) -> LoadedModule | None:
        """Read a bundled module if it exists, without a word if not."""
        path = _standard_path(dotted.split(".")[1:])
        try:
            self._loader.read(path)
        except LoadError:
            return None
        return self._load(path, dotted, None, (), {})

    def _load(
        self, path: FilePath, name: str, asked: Place | None, stack: tuple[_Step, ...], settings: dict[str, str]
    ) -> LoadedModule | None:
        key = os.path.normpath(path)
        if any(step.key == key for step in stack):
            self._cycle(key, name, asked, stack)
            return None
        if key in self._loaded:
            return self._loaded[key]
        if len(stack) >= MAX_DEPTH:
            message = f"imports are nested more than {MAX_DEPTH} deep"
            self._report.add("TAP124", message, *([asked] if asked else []))
            return None
        self._loaded[key] = None
        text = self._text(path, name, asked)
        if text is None:
            return None
        module, findings = parse(text)
        self._report.diagnostics.extend(findings)
        self.damaged = self.damaged or has_errors(findings)
        here = (*stack, _Step(key, name, asked))
        imports = self._imports(module, path, here)
        entries = declared(module, imports, self._report)
        params = params_of(module, settings, self._report)
        allows = allows_of_file(module.statements, module.file, self._report)
        made = self._loaded[key] = LoadedModule(path, module, entries, params, imports, allows)
        self.by_file[id(made.file)] = made
        return made

    def _text(self, path: FilePath, name: str, asked: Place | None) -> SourceFile | None:
        self._loader.names[str(path)] = name
        places = [asked] if asked else []
        try:
            data = self._loader.read(path)
        except LoadError as error:
            self._report.add("TAP120", str(error), *places, notes=_instead(path, error, asked))
            return None
        file, findings = decode_source(name, data)
        self._report.diagnostics.extend(findings)
        return file

    def _imports(self, module: Module, path: FilePath, stack: tuple[_Step, ...]) -> dict[str, Binding]:
        found: dict[str, Binding] = {}
        for node in module.statements:
            if not isinstance(node, Import):
                continue
            binding = self._bind(node, module.file, path, stack)
            if binding is None:
                continue
            if binding.name in found:
                self._report.add(
                    "TAP113",
                    f"the name `{binding.name}` is imported twice",
                    Place(module.file, node.span).label("again here"),
                    Place(module.file, found[binding.name].node.span).label("first here"),
                    notes=("give one of them another name with `as`",),
                )
            else:
                found[binding.name] = binding
        return found

    def _bind(self, node: Import, file: SourceFile, path: FilePath, stack: tuple[_Step, ...]) -> Binding | None:
        asked = Place(file, node.target.span)
        if isinstance(node.target, Path):
            return self._bind_standard(node, node.target, asked, stack)
        target = FilePath(os.path.normpath(path.parent / node.target.text))
        name = node.alias.text if node.alias else target.stem
        return self._binding(name, self._load(target, target.as_posix(), asked, stack, {}), target.stem, node)

    def _bind_standard(self, node: Import, target: Path, asked: Place, stack: tuple[_Step, ...]) -> Binding | None:
        parts = [part.text for part in target.parts]
        name = node.alias.text if node.alias else parts[-1]
        if parts[0] != "std":
            self._report.add(
                "TAP120",
                f"there is no module `{target.text}`: bundled modules start with `std`",
                asked,
                notes=(f'files are imported by path: import "./{"/".join(parts)}.tap"',),
            )
            return Binding(name, None, None, node)
        if any(isinstance(part, Quoted) or "/" in part.text for part in target.parts):
            parts = [part.replace("/", "_") for part in parts]
        if self._readable(_standard_path(parts[1:])):
            module = self._load(_standard_path(parts[1:]), ".".join(parts), asked, stack, {})
            return self._binding(name, module, parts[-1], node)
        holder = parts[:-1]
        if len(holder) > 1 and self._readable(_standard_path(holder[1:])):
            module = self._load(_standard_path(holder[1:]), ".".join(holder), asked, stack, {})
            if module is not None and parts[-1] not in module.declarations:
                better = did_you_mean(parts[-1], module.declarations)
                notes = (f"did you mean `{better}`?",) if better else (f"it declares {', '.join(module.declarations)}",)
                message = f"`{'.'.join(holder)}` declares no `{parts[-1]}`"
                self._report.add("TAP122", message, asked, notes=notes)
                return Binding(name, None, None, node)
            return Binding(name, module, parts[-1], node)
        self._no_standard(target.text, asked)
        return Binding(name, None, None, node)

    def _binding(self, name: str, module: LoadedModule | None, own: str, node: Import) -> Binding:
        declares = module is not None and own in module.declarations
        return Binding(name, module, own if declares else None, node)

    def _readable(self, path: FilePath) -> bool:
        if os.path.normpath(path) in self._loaded:
            return True
        try:
            self._loader.read(path)
        except LoadError:
            return False
        return True

    def _no_standard(self, name: str, asked: Place) -> None:
        root = bundled_dir("stdlib")  # a listing of our own installation, and only for a suggestion
        known = [".".join(("std", *f.relative_to(root).with_suffix("").parts)) for f in root.rglob("*.tap")]
        better = did_you_mean(name, known)
        notes = (
            (f"did you mean `{better}`?",)
            if better
            else (("bundled modules: " + ", ".join(sorted(known)),) if known else ())
        )
        self._report.add("TAP120", f"there is no bundled module `{name}`", asked, notes=notes)

    def _cycle(self, key: str, name: str, asked: Place | None, stack: tuple[_Step, ...]) -> None:
        start = next(i for i, step in enumerate(stack) if step.key == key)
        loop = [*(step.name for step in stack[start:]), name]
        places = [asked.label("closes the loop")] if asked else []
        places += [step.asked.label("imports the next") for step in stack[start + 1 :] if step.asked]
        self._report.add("TAP121", "modules import each other in a loop: " + " -> ".join(loop), *places)


def _instead(path: FilePath, error: LoadError, asked: Place | None) -> tuple[str, ...]:
    """What to do about a file that cannot be read."""
    better = did_you_mean(path.name, error.near)
    if better:
        return (f"did you mean `{path.with_name(better).as_posix()}`?",)
    if asked:
        return ("a path is relative to the file that imports it",)
    others = ", ".join(f"`{path.with_name(name).as_posix()}`" for name in sorted(error.near)[:_FEW])
    return (f"there is {others}" if others else "`tapc new NAME` makes a spec to start from",)


def _standard_path(parts: list[str]) -> FilePath:
    return bundled_dir("stdlib").joinpath(*parts[:-1], f"{parts[-1]}.tap") if parts else bundled_dir("stdlib")
