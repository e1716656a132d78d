"""Which warnings of a spec are allowed, and which `allow` allows none."""

from collections.abc import Iterable, Mapping

import msgspec

from tapc.diagnostics import Allow, Diagnostic, Fix, rule

_UNUSED = "TAP617"
_OF_FILES = ("TAP123", "TAP607")
"""Findings about what a file imports and declares, whatever its datasets say."""


class Allowances(msgspec.Struct, frozen=True):
    """The `allow` statements of a spec.

    Attributes:
        datasets: those of each dataset that was checked, inherited ones included.
        files: those at the top of any file that was read; they apply to findings that point into their file.
        owed: those that have to allow something, each with its dataset (None at the top of the spec): all that are
            written in what was checked. Of an imported file and of an extended dataset elsewhere, another spec may
            need them.
    """

    datasets: Mapping[str, tuple[Allow, ...]] = {}
    files: tuple[Allow, ...] = ()
    owed: tuple[tuple[str | None, Allow], ...] = ()

    def mark(self, findings: Iterable[Diagnostic], dataset: str | None = None) -> list[Diagnostic]:
        """Findings about a dataset (None: about the files), with what allows them; errors are never allowed."""
        return [self._marked(finding, dataset) for finding in findings]

    def _marked(self, finding: Diagnostic, dataset: str | None) -> Diagnostic:
        if finding.allowed is not None or finding.severity == "error":
            return finding
        places = [label.file for label in finding.labels[:1]]
        near = (*self.datasets.get(dataset or "", ()), *(one for one in self.files if one.label.file in places))
        by = next((one for one in near if one.code == finding.code), None)
        return finding if by is None else msgspec.structs.replace(finding, allowed=by)

    def inside(self, dataset: str, findings: Iterable[Diagnostic]) -> list[Allow]:
        """Statements that say all of it inside of the dataset: its own, and those of files that were needed."""
        own = [one for one in self.datasets.get(dataset, ()) if one.code not in _OF_FILES]
        codes = {one.code for one in own}
        used = {id(finding.allowed): finding.allowed for finding in findings if finding.allowed is not None}
        return [*(one for one in self.files if id(one) in used and one.code not in (*codes, *_OF_FILES)), *own]

    def unused(self, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
        """A warning for each statement that allows nothing, given everything that was found.

        `allow TAP617` allows such warnings, and one about itself never.
        """
        used = {id(finding.allowed) for finding in findings}
        idle = [one for one in self.owed if id(one[1]) not in used]
        found = [one for of, allow in idle if allow.code != _UNUSED for one in self.mark([_of(allow, of)], of)]
        used = {id(finding.allowed) for finding in found}
        return [*found, *(_of(allow, of) for of, allow in idle if allow.code == _UNUSED and id(allow) not in used)]


def _of(allow: Allow, dataset: str | None) -> Diagnostic:
    message = f"`allow {allow.code}` allows nothing: there is no such finding"
    fix = Fix("remove it", (allow.removal,))
    misplaced = dataset is not None and allow.code in _OF_FILES
    notes = ("what a file imports and declares is allowed at its top, outside of datasets",) if misplaced else ()
    return Diagnostic(_UNUSED, rule(_UNUSED).severity, message, (allow.label,), notes, (fix,))


def without_allowances(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings as if the spec allowed none of them."""
    return [msgspec.structs.replace(one, allowed=None) for one in findings if one.code != _UNUSED]
