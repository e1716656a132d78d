"""`tapc import`: reads a file or folder for `tapc.importing`, writes the module."""

import os
import unicodedata
from pathlib import Path

from tapc.diagnostics import Diagnostic
from tapc.importing import Columns, Imported, convert_file, convert_folder
from tapc.source import DiskLoader, LoadError
from tapc.syntax import is_name

_MAX_FILES = 20_000
_MAX_TOTAL = 256 * 1024 * 1024


def name_of(path: Path) -> str:
    """A name for the taxonomy in a file or folder, in the script of the file's name."""
    stem = unicodedata.normalize("NFC", path.absolute().stem)
    kept = "".join(c if c == "_" or unicodedata.category(c)[0] in "LMN" else " " for c in stem)
    name = "_".join(kept.split())
    return name if is_name(name) else f"_{name}" if name and is_name(f"_{name}") else "imported"


def import_path(path: Path, name: str, columns: Columns) -> Imported:
    """Convert a file or a folder; links inside folders are not followed."""
    try:
        if path.is_dir():
            return _folder(path, name)
        return convert_file(path.name, DiskLoader().read(path), name, columns)
    except (LoadError, OSError, RuntimeError) as error:  # RuntimeError: symlink loops in Python 3.11 and 3.12
        note = "give a readable file, or the folder of an InstructLab taxonomy"
        return Imported(None, (Diagnostic("TAP720", "error", str(error), (), (note,)),))


def _folder(path: Path, name: str) -> Imported:
    files: dict[tuple[str, ...], bytes] = {}
    total = 0
    loader = DiskLoader(within=path)
    for folder, _, names in os.walk(path):
        if "qna.yaml" not in names:
            continue
        file = Path(folder) / "qna.yaml"
        data = loader.read(file)
        total += len(data)
        files[Path(folder).relative_to(path).parts] = data
        if len(files) > _MAX_FILES or total > _MAX_TOTAL:
            message = f"{path}: more than {_MAX_FILES:,} qna.yaml files, or {_MAX_TOTAL // 2**20} MB of them"
            return Imported(None, (Diagnostic("TAP720", "error", message, (), ("import its branches one by one",)),))
    return convert_folder(path.name, files, name)
