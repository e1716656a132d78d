"""`tapc check --fix`: applies safe fixes to specs and to files they import."""

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path

from tapc.diagnostics import Diagnostic, apply_fixes, in_order
from tapc.source import DiskLoader, SourceFile, bundled_dir
from tapc.workspace.check.counts import check_counts
from tapc.workspace.files import replace_text

_ROUNDS = 10
"""Most rounds of fixes: a fix can reveal another finding; more rounds are a loop."""


def fix_specs(
    specs: Sequence[Path], *, settings: Mapping[str, str], dataset: str | None, outside: bool = False
) -> tuple[list[Diagnostic], list[str]]:
    """Apply safe fixes to specs, and to files they import, until none is left.

    Returns:
        The findings that remain, and the names of the files that were changed.

    Raises:
        OSError: a file cannot be written.
    """

    def remaining() -> list[Diagnostic]:
        return in_order(
            d for spec in specs for d in check_counts(spec, settings=settings, dataset=dataset, outside=outside)
        )

    changed: list[str] = []
    for _ in range(_ROUNDS):
        found = remaining()
        texts = apply_fixes(_own(found))
        if not texts:
            return found, changed
        for name, text in texts.items():
            _write(name, text)
        changed += [name for name in texts if name not in changed]
    return remaining(), changed


def _own(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Findings whose fixes change only the user's own files, in the version that is on disk now."""
    fresh: dict[str, bool] = {}

    def owned(file: SourceFile) -> bool:
        if file.name not in fresh:
            fresh[file.name] = _stands(file)
        return fresh[file.name]

    return [d for d in found if all(owned(edit.file) for fix in d.fixes for edit in fix.edits)]


def _stands(file: SourceFile) -> bool:
    path = Path(file.name)
    if not path.is_file() or path.resolve().is_relative_to(bundled_dir("stdlib").resolve()):
        return False
    return DiskLoader().read(path).removeprefix(codecs.BOM_UTF8) == file.text.encode()


def _write(name: str, text: str) -> None:
    """Write a fixed text; a byte order mark stays."""
    path = Path(name)
    mark = "\ufeff" if path.read_bytes().startswith(codecs.BOM_UTF8) else ""
    replace_text(path, mark + text)
