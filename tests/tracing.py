"""What a process really made durable: its writes and syncs as the kernel saw them, and what a power cut would leave.

The process runs under strace. `Trace.left(at)` plays its calls up to a point and gives the contents of files as a disk
may have them then: everything that was synced, and of what was written since any part that chance picks. Names count
once the folder was synced. A process that is killed loses nothing that was written; only this finds a missing sync.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows what is synced")

_CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_FD = re.compile(r"^\d+<((?:[^>\\]|\\.)*)>")
_PLACED = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Call(NamedTuple):
    """One call: its name, file, data, place in the file, and second file."""

    name: str
    path: str
    data: bytes = b""
    at: int = -1
    to: str = ""


def traced(command: list[str], folder: Path, **options) -> "Trace":
    """Run a command under strace; its calls on files below a folder."""
    log = folder.parent / f"{folder.name}.strace"
    done = subprocess.run(
        ["strace", "-f", "-y", "-xx", "-s", "300000", "-e", f"trace={_CALLS}", "-o", str(log), *command],
        capture_output=True, text=True, timeout=240, check=False, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Trace(list(_calls(log, str(folder.resolve()))), folder.resolve())


def _calls(log: Path, root: str):
    cut: dict[str, str] = {}
    for line in log.read_text(encoding="latin-1").splitlines():
        whole = line
        if line.endswith("<unfinished ...>"):
            cut[line.split()[0]] = line.removesuffix("<unfinished ...>").rstrip()
            continue
        if found := _RESUMED.match(line):
            whole = cut.pop(found[1], "") + found[3]
        found = _LINE.match(whole)
        if found is None or int(found[3]) < 0:
            continue
        call = _read(found[1], found[2], int(found[3]), root)
        if call is not None and (call.path + "/").startswith(root + "/"):
            yield call


def _unquoted(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _paths(arguments: str, folder: str) -> list[str]:
    """Whole paths of a call: relative ones begin at the descriptor before them, or at the folder it runs in."""
    return [
        os.path.normpath(Path(folder, _shown(base) if base else "", _unquoted(text).decode()))
        for base, text in _PLACED.findall(arguments)
    ]


def _shown(path: str) -> str:
    return _unquoted(path).decode() if path.startswith("\\x") else path


def _read(name: str, arguments: str, result: int, folder: str) -> Call | None:
    texts = [_unquoted(t) for t in _TEXT.findall(arguments)]
    if name == "openat":
        made = "O_CREAT" in arguments or "O_TRUNC" in arguments
        return Call("create", *_paths(arguments, folder)) if made else None
    if name.startswith("rename"):
        old, new = _paths(arguments, folder)
        return Call("exchange" if "RENAME_EXCHANGE" in arguments else "rename", old, to=new)
    if name.startswith("unlink"):
        return Call("unlink", *_paths(arguments, folder))
    path = _FD.match(arguments)
    if path is None:
        return None
    file = _shown(path[1])
    if name in ("fsync", "fdatasync"):
        return Call("sync", file)
    if name == "ftruncate":
        return Call("truncate", file, at=int(arguments.rsplit(",", 1)[1]))
    place = int(arguments.rsplit(",", 1)[1]) if name == "pwrite64" else -1
    return Call("write", file, texts[0][:result], place)


class _File:
    def __init__(self) -> None:
        self.synced = b""
        self.pending: list[tuple[str, int, bytes]] = []
        self.length = 0

    def content(self, chance: random.Random | None) -> bytes:
        """Synced, and of the rest what chance picks; all of it without chance."""
        data = bytearray(self.synced)
        for kind, at, piece in self.pending:
            if chance is not None and chance.random() < 0.5:
                continue
            if kind == "truncate":
                data[at:] = bytes(max(0, at - len(data)))
            else:
                data.extend(bytes(max(0, at - len(data))))
                data[at : at + len(piece)] = piece
        return bytes(data)


class Trace:
    """The calls of a process below a folder."""

    def __init__(self, calls: list[Call], root: Path) -> None:
        self.calls = calls
        self.root = root

    def left(self, until: int, seed: int | None = None) -> dict[str, bytes]:
        """Contents of files, by path, if the power fails after so many calls; without a seed nothing unsynced is left."""
        files: dict[str, _File] = {}
        durable: dict[str, _File] = {}
        for call in self.calls[:until]:
            self._play(call, files, durable)
        chance = random.Random(seed)
        return {
            path: file.synced if seed is None else file.content(chance)
            for path, file in durable.items()
        }  # fmt: skip

    def _play(self, call: Call, files: dict[str, _File], durable: dict[str, _File]) -> None:
        if call.name == "create":
            files.setdefault(call.path, _File())
        elif call.name == "rename":
            moved = {p: f for p, f in files.items() if (p + "/").startswith(call.path + "/")}
            for path, file in moved.items():
                del files[path]
                files[call.to + path[len(call.path) :]] = file
                if path != call.path and path in durable:  # a folder was renamed: it has both names or one of them
                    durable[call.to + path[len(call.path) :]] = durable.pop(path)
        elif call.name == "unlink":
            files.pop(call.path, None)
        elif call.name == "exchange":
            self._exchange(call, files)
            self._exchange(call, durable)
        elif call.name == "sync" and call.path not in files:
            for path in [p for p in durable if str(Path(p).parent) == call.path and p not in files]:
                del durable[path]
            durable.update({p: f for p, f in files.items() if str(Path(p).parent) == call.path})
        elif call.name == "sync":
            file = files.setdefault(call.path, _File())
            file.synced, file.pending = file.content(None), []
        else:
            file = files.setdefault(call.path, _File())
            at = call.at if call.at >= 0 else file.length
            file.pending.append((call.name, at, call.data))
            file.length = at if call.name == "truncate" else max(file.length, at + len(call.data))

    def _exchange(self, call: Call, files: dict[str, _File]) -> None:
        """Two folders take each other's name at once."""
        for path in list(files):
            for old, new in ((call.path, call.to), (call.to, call.path)):
                if path.startswith(old + "/"):
                    files["\0" + new + path[len(old) :]] = files.pop(path)
        for path in [p for p in files if p.startswith("\0")]:
            files[path[1:]] = files.pop(path)


def python(script: str, *arguments: object) -> list[str]:
    """A command that runs a script."""
    return [sys.executable, "-c", script, *map(str, arguments)]
