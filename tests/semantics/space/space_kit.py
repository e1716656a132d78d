"""Lowers the space of specs written in TAP, with one file of declarations and tables in memory."""

from pathlib import Path

from tapc.ir import Space
from tapc.kinds.declared import REGISTRY
from tapc.semantics.report import Place, Placed, Report
from tapc.semantics.space import lower_space
from tapc.semantics.space_input import Bound, Declaration, SpaceInput, SpaceStatement
from tapc.source import LoadError, SourceFile
from tapc.syntax import parse
from tapc.syntax.nodes import Entry, Exclude, Param, When


class MemoryFiles:
    """A loader over files in memory."""

    def __init__(self, files: dict[str, bytes | str]) -> None:
        self._files = files

    def read(self, path: Path) -> bytes:
        found = self._files.get(path.name)
        if found is None:
            raise LoadError(f"{path.name} does not exist")
        return found.encode() if isinstance(found, str) else found


def lower(
    body: str, samples: int | None = 1000, top: str = "", files: dict[str, bytes | str] | None = None, loader=None
):
    """Lower `dataset d { body }`; `top` holds declarations that it may copy."""
    file = SourceFile("main.tap", f"tap 1\n{top}\ndataset d {{\n{body}\n}}\n")
    module, problems = parse(file)[:2]
    assert not problems, problems
    declared = {
        (e.keyword, e.values[0].text): e
        for e in module.statements
        if isinstance(e, Entry) and e.keyword in ("taxonomy", "mix")
    }
    params = {p.name.text: p for p in module.statements if isinstance(p, Param)}
    dataset = next(e for e in module.statements if isinstance(e, Entry) and e.keyword == "dataset")
    report = Report(REGISTRY.vocabulary)

    def resolve(_file, path, axis):
        found = declared.get((axis, path.parts[0].text))
        if found is None:
            report.add("TAP219", f"no {axis} {path.text}", Place(file, path.span))
            return None
        return Declaration(Placed(file, found), path.parts[1:])

    def parameter(_file, path):
        found = params.get(path.text)
        return None if found is None else Bound(found.default, Place(file, found.default.span))

    statements = tuple(
        SpaceStatement(file, s)
        for s in dataset.block.statements
        if isinstance(s, When | Exclude) or (isinstance(s, Entry) and s.keyword in ("taxonomy", "mix", "moved"))
    )
    given = SpaceInput(
        "d", Place(file, dataset.span), samples, statements, resolve, parameter, lambda _: Path(),
        loader or MemoryFiles(files or {}), report,
    )  # fmt: skip
    return lower_space(given), report


def space_of(body: str, **more) -> Space:
    """The space of a spec without findings."""
    space, report = lower(body, **more)
    assert not report.diagnostics, [(d.code, d.message) for d in report.diagnostics]
    return space


def findings(body: str, **more) -> list[tuple[str, str]]:
    """Code and message of what is wrong."""
    _, report = lower(body, **more)
    return [(d.code, d.message) for d in report.diagnostics]


def codes(body: str, **more) -> list[str]:
    return [code for code, _ in findings(body, **more)]
