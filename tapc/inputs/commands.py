"""Files of the programs that a spec runs."""

import hashlib
from pathlib import Path

from tapc.inputs.errors import InputError
from tapc.inputs.opening import unreadable

_SCRIPTS = (".py", ".sh", ".js", ".mjs", ".ts", ".rb", ".pl", ".lua", ".jl")
_MOST = 512 * 1024 * 1024


def command_files(command: tuple[str, ...], folder: Path) -> list[Path]:
    """Files among the words of a command; words are relative to the spec.

    Raises:
        InputError: a word that must name a file does not.
    """
    found: list[Path] = []
    for position, word in enumerate(command):
        path = folder / word
        if path.is_file() and (position or "/" in word):
            found.append(path)
        elif word.endswith(_SCRIPTS) or (position == 0 and "/" in word):
            raise InputError("TAP715", f"the program file {word} does not exist", "paths are relative to the spec")
    return found


def file_hash(path: Path) -> str:
    """SHA-256 of the content of a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if path.stat().st_size > _MOST:
            raise InputError("TAP715", f"{path.name} is too large to be hashed with a program")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error
