"""Finds `grammar/`, `stdlib/` and `specs/` in a checkout and in an installed wheel."""

from functools import cache
from pathlib import Path
from typing import Literal


@cache
def bundled_dir(name: Literal["grammar", "stdlib", "specs"]) -> Path:
    """A folder of files that ship with tapc.

    Raises:
        FileNotFoundError: the installation is damaged; the message lists the searched folders.
    """
    package = Path(__file__).resolve().parent.parent
    candidates = (package / "_bundled" / name, package.parent / name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(
        f"tapc's own {name}/ is missing; looked in {', '.join(map(str, candidates))}; reinstall tapc"
    )
