"""Data of a git revision: files that inputs, checks and programs name, written to a temporary folder.

Paths that git ignores, usually data too large for git, are taken from the work tree, with a note. A path that the
revision does not have and git does not ignore is missing.
"""

import os
import re
import stat
import tempfile
from glob import glob
from pathlib import Path, PurePosixPath

import msgspec

from tapc.diagnostics import Diagnostic, rule
from tapc.inputs import NamedFiles, literal_part
from tapc.workspace.spec.git import GitEntry, GitLoader

_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize \d+\n?")
_POINTER_BYTES = 200


class Checkout(msgspec.Struct, frozen=True):
    """Where the files of a revision were written.

    Attributes:
        folder: the counterpart of the spec's folder.
        notes: files that were taken from the work tree instead.
        errors: findings about files that cannot be read.
        kept: the temporary folder; deleting it removes the files.
    """

    folder: Path
    notes: tuple[str, ...]
    errors: tuple[Diagnostic, ...]
    kept: "tempfile.TemporaryDirectory[str]"


def check_out(named: NamedFiles, spec_folder: Path, loader: GitLoader) -> Checkout:
    """Write the files that a spec names as a revision has them.

    Args:
        named: the files that the spec names.
        spec_folder: the spec's folder in the work tree.
        loader: a loader of the revision.

    Raises:
        GitError: git fails.
    """
    return _CheckingOut(spec_folder, loader).all(named)


class _CheckingOut:
    def __init__(self, spec_folder: Path, loader: GitLoader) -> None:
        self._loader = loader
        self._folder = Path(os.path.normpath(Path.cwd() / spec_folder))
        self._kept = tempfile.TemporaryDirectory(prefix="tapc-revision-")
        self._root = Path(self._kept.name)
        self._wanted: dict[PurePosixPath, GitEntry] = {}
        self._notes: list[str] = []
        self._errors: list[Diagnostic] = []

    def all(self, named: NamedFiles) -> Checkout:
        inside = self._loader.inside(self._folder) or PurePosixPath()
        folder = self._root / inside
        folder.mkdir(parents=True, exist_ok=True)
        for name in named.files:
            self._file(name)
        for name in named.folders:
            self._tree(name)
        for pattern in named.globs:
            self._glob(pattern)
        for path, data in self._loader.blobs(self._wanted):
            self._write(path, data)
        return Checkout(folder, tuple(self._notes), tuple(self._errors), self._kept)

    def _place(self, name: str) -> PurePosixPath | None:
        """A path relative to the repository; None if it lies outside, with an error if it exists there."""
        absolute = Path(os.path.normpath(self._folder / name))
        inside = self._loader.inside(absolute)
        if inside is None and absolute.exists():
            message = f"{name} lies outside the repository {self._loader.root}, so {self._loader.revision} has none"
            self._errors.append(_unusable(message, "keep it in the repository, or compare two files"))
        return inside

    def _file(self, name: str) -> None:
        place = self._place(name)
        if place is None:
            return
        entry = self._loader.entry(place)
        if entry is None or not entry.is_file:
            self._ignored(name, place)
            return
        self._wanted[place] = entry

    def _tree(self, name: str) -> None:
        place = self._place(name)
        if place is None:
            return
        found = dict(self._loader.below(place))
        self._wanted |= found
        if not found:
            self._ignored(name, place)

    def _glob(self, pattern: str) -> None:
        """Add the files that a glob names: matched by the same code as on disk, over empty files of all names."""
        place = self._place(literal_part(pattern) or ".")
        if place is None:
            return
        with tempfile.TemporaryDirectory(prefix="tapc-names-") as names:
            inside = self._loader.inside(self._folder) or PurePosixPath()
            (Path(names) / inside).mkdir(parents=True, exist_ok=True)
            entries = dict(self._loader.below(place))
            for path in entries:
                (Path(names) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(names) / path).touch()
            for found in glob(pattern, root_dir=Path(names) / inside, recursive=True):  # noqa: PTH207 - as on disk
                path = PurePosixPath(os.path.normpath(inside / found))
                if path in entries:
                    self._wanted[path] = entries[path]
        for found in sorted(glob(pattern, root_dir=self._folder, recursive=True)):  # noqa: PTH207 - the same
            inside_path = self._loader.inside(Path(os.path.normpath(self._folder / found)))
            if inside_path is not None and inside_path not in self._wanted:
                self._ignored(found, inside_path)

    def _ignored(self, name: str, place: PurePosixPath) -> None:
        """Take a path that git ignores from the work tree."""
        there = self._loader.root / place
        if not there.exists() or not self._loader.ignores(place):
            return
        target = self._root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(there)
        self._notes.append(f"git ignores {name}: taken as it is now")

    def _write(self, path: PurePosixPath, data: bytes) -> None:
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pointer = _POINTER.fullmatch(data) if len(data) <= _POINTER_BYTES else None
        if pointer is None:
            target.write_bytes(data)
            if self._wanted[path].mode & stat.S_IXUSR:
                target.chmod(0o755)
            return
        stored = self._loader.large_file(pointer[1].decode())
        if stored is None:
            message = f"{path} is kept by Git LFS, and its content in {self._loader.revision} is not on this machine"
            self._errors.append(_unusable(message, f"git lfs fetch origin {self._loader.revision}"))
        else:
            target.symlink_to(stored)


def _unusable(message: str, advice: str) -> Diagnostic:
    return Diagnostic("TAP709", rule("TAP709").severity, message, (), (advice,))
