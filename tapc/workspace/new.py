"""`tapc new`: a spec that ships with tapc, under a new name."""

import re
from pathlib import Path

from tapc.diagnostics import Diagnostic, did_you_mean
from tapc.ir import why_not_plain
from tapc.source import bundled_dir
from tapc.syntax import decode_source, parse
from tapc.syntax.nodes import Entry

_NAME = re.compile(r"[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*(?:-[\w\x80-\U0010ffff]+)*")


def starters() -> tuple[str, ...]:
    """Names of the specs that ship with tapc."""
    return tuple(sorted(path.stem for path in bundled_dir("specs").glob("*.tap")))


def start_spec(target: Path, starter: str) -> Path | Diagnostic:
    """Write a starter spec.

    Args:
        target: path to write, with or without `.tap`; its stem becomes the dataset's name. Missing folders are made.
        starter: one of `starters()`.

    Returns:
        The path of the file, or a finding that says why it was not written.

    Raises:
        OSError: the file cannot be written.
    """
    path = target if target.suffix == ".tap" else target.with_name(f"{target.name}.tap")
    name = path.stem
    reason = why_not_plain(name)
    if reason is not None or not _NAME.fullmatch(name):
        message = f"a dataset cannot be called {name!r}" + (f": {reason}" if reason else "")
        return Diagnostic("TAP926", "error", message, (), ("use letters, digits and underscores, a letter first",))
    if starter not in starters():
        close = did_you_mean(starter, starters())
        note = f"did you mean {close!r}?" if close else f"choose one of {', '.join(starters())}"
        return Diagnostic("TAP926", "error", f"there is no starter spec {starter!r}", (), (note,))
    source = (bundled_dir("specs") / f"{starter}.tap").read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(_renamed(source, starter, name, path))
    except FileExistsError:
        return Diagnostic("TAP925", "error", f"{path} exists already", (), ("choose another name, or move it away",))
    return path


def _renamed(source: bytes, starter: str, name: str, path: Path) -> str:
    """The starter with its first dataset renamed, and its own path in comments replaced."""
    file, _ = decode_source(f"specs/{starter}.tap", source)
    if file is None:
        raise FileNotFoundError(f"tapc's own specs/{starter}.tap is damaged; reinstall tapc")
    text = file.text
    for statement in parse(file)[0].statements:
        if isinstance(statement, Entry) and statement.keyword == "dataset" and statement.values:
            span = statement.values[0].span
            text = text[: span.start] + name + text[span.end :]
            break
    return text.replace(f"specs/{starter}.tap", path.as_posix())
