"""`tapc fmt`: the canonical layout of texts and files."""

import difflib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, rule
from tapc.format import format_source
from tapc.source import DiskLoader, LoadError, specs_among
from tapc.syntax import decode_source
from tapc.workspace.files import replace_text


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends a line."""
    *whole, last = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]


class Formatted(msgspec.Struct, frozen=True):
    """One text and its canonical layout.

    Attributes:
        name: name of the file for messages.
        path: path of the file; None for standard input.
        before: text as it was.
        text: canonical text; None if the text has errors.
        diagnostics: findings that say why there is no canonical text.
    """

    name: str
    path: Path | None
    before: str
    text: str | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def changed(self) -> bool:
        """Whether the layout changes."""
        return self.text is not None and self.text != self.before

    def diff(self) -> str:
        """A unified diff; empty if nothing changes."""
        if self.text is None:
            return ""
        lines = difflib.unified_diff(_lines(self.before), _lines(self.text), self.name, f"{self.name} (fmt)")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Replace the file as a whole, keeping its permissions.

        Raises:
            OSError: it cannot be written; the old file is unchanged.
        """
        if self.path is None or self.text is None:
            return
        replace_text(self.path, self.text)


def format_text(name: str, data: bytes, path: Path | None = None) -> Formatted:
    """Lay out one text."""
    file, findings = decode_source(name, data)
    if file is None:
        return Formatted(name, path, "", None, tuple(findings))
    text, more = format_source(file)
    return Formatted(name, path, file.text, text, (*findings, *more))


def format_paths(paths: Iterable[Path]) -> list[Formatted]:
    """Lay out files, and every `.tap` file below folders, in order of path."""
    loader = DiskLoader()
    found: list[Formatted] = []
    for file in specs_among(paths):
        try:
            found.append(format_text(str(file), loader.read(file), file))
        except LoadError as error:
            unreadable = Diagnostic("TAP923", rule("TAP923").severity, str(error))
            found.append(Formatted(str(file), file, "", None, (unreadable,)))
    return found
