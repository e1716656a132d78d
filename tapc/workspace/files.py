"""Files that are replaced as a whole, or not at all."""

import os
import tempfile
from pathlib import Path

_FRESH = 0o644


def replace_text(path: Path, text: str, *, end: str = "") -> None:
    """Write a text in UTF-8 without changing line ends; an older file keeps its permissions, a link stays a link.

    Missing folders are made.

    Args:
        path: the file.
        text: its new content.
        end: end of the name of the temporary file, which stays if this process is killed.

    Raises:
        OSError: the file cannot be written; `filename` is its name, and an older file is unchanged.
    """
    try:
        _replace(path.resolve(), text, end)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # not the temporary file's, which is gone
        raise


def _replace(target: Path, text: str, end: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode if target.exists() else _FRESH
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=end, dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:  # Ctrl-C included: no half-written file stays in the folder
        temporary.unlink(missing_ok=True)
        raise
