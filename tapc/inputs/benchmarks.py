"""Texts of benchmark files, for `clean_of`."""

import glob
from collections.abc import Sequence
from pathlib import Path

from tapc.inputs.formats import texts_of
from tapc.inputs.troubles import InputError


def files_of(pattern: str, folder: Path) -> list[Path]:
    """Files a glob names, sorted.

    Raises:
        InputError: there are none.
    """
    # unlike `Path.glob` it takes absolute patterns, too
    names = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207
    found = [path for path in sorted(folder / name for name in names) if path.is_file()]
    if not found:
        raise InputError("TAP709", f"no file is named {pattern!r}", "the pattern is relative to the spec")
    return found


class BenchmarkTexts:
    """See `tapc.checks.TextFiles`; files are read when a check is compiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def texts(self, glob: str) -> Sequence[tuple[str, Sequence[str]]]:
        """Each file's name with its texts, sorted by name."""
        return [
            (path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else str(path),
             [text for text in texts_of(path) if text])
            for path in files_of(glob, self._folder)
        ]  # fmt: skip
