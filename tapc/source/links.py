"""Targets of symbolic links: a link in an untrusted folder can name any file of the user who compiles the spec."""

import os.path
from pathlib import Path


def leads_outside(path: Path, folder: Path) -> Path | None:
    """The real path, if a symbolic link on the way leads out of a folder; None otherwise.

    A path that is written in the spec (`../data/rows.jsonl`, an absolute path) is visible there and always allowed:
    only
    links are checked.

    Args:
        path: the path that is opened; if it begins with `folder`, the rest is what the spec wrote.
        folder: folder of the spec.

    Raises:
        OSError, RuntimeError: the links form a loop (which of the two depends on the version of Python).
    """
    base = os.path.realpath(folder)
    named = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(Path.cwd() / path)
    plain = os.path.normpath(os.path.join(base, named))  # noqa: PTH118 - `Path` would keep `..`
    real = os.path.realpath(path)
    if real == plain or Path(real).is_relative_to(base):
        return None
    return Path(real)
