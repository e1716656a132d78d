"""Which specs a command is about."""

from collections.abc import Iterable
from pathlib import Path

SUFFIX = ".tap"


def specs_among(paths: Iterable[Path]) -> list[Path]:
    """Specs that are named, and all below folders that are, by path; hidden folders, such as `.venv`, are left out."""
    found: list[Path] = []
    for path in paths:
        found += sorted(_below(path)) if path.is_dir() else [path]
    return found


def _below(folder: Path) -> Iterable[Path]:
    for path in folder.rglob(f"*{SUFFIX}"):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path
