"""Specs of a git revision, read without touching the work tree."""

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.source import MAX_BYTES, DiskLoader, LoadError, bundled_dir
from tapc.workspace.refused import Refused

_TIMEOUT = 60.0
_LINKS = 16
"""Most symbolic links that are followed one after another; more are a loop."""


class GitError(Refused):
    """A revision cannot be used."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__([Diagnostic(code, "error", message, (), (next_step,))], "usage")


class GitEntry(msgspec.Struct, frozen=True):
    """An entry of a revision: mode, kind (`blob`, `tree`, `commit`), name of the object, size in bytes."""

    mode: int
    kind: str
    name: str
    size: int

    @property
    def is_file(self) -> bool:
        """Whether it is a file or a link to one."""
        return self.kind == "blob"


class GitLoader:
    """Reads files as they are in one revision; modules that ship with tapc are read from tapc itself.

    Args:
        folder: any folder of the work tree.
        revision: a revision as git understands it.

    Raises:
        GitError: no git, no repository, or no such revision.
    """

    def __init__(self, folder: Path, revision: str) -> None:
        self.revision = revision
        self._folder = folder
        top = self._ask("rev-parse", "--show-toplevel")
        if top is None:
            message = f"{folder.resolve()} is not in a git repository"
            raise GitError("TAP871", message, "give two files, or change to the repository that holds the spec")
        self.root = Path(os.fsdecode(top).rstrip("\n"))
        commit = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if commit is None:
            message = f"there is no revision `{revision}` in {self.root}"
            raise GitError("TAP872", message, "`git log --oneline` shows revisions; a shallow clone lacks earlier ones")
        self._commit = commit.decode().strip()
        self._disk = DiskLoader()
        self._listing: dict[PurePosixPath, GitEntry] | None = None
        self._own = bundled_dir("stdlib").resolve()

    def read(self, path: Path) -> bytes:
        """Return the content of a file as the revision has it; see `tapc.source.Loader`."""
        absolute = Path(os.path.normpath(Path.cwd() / path))
        if absolute.resolve().is_relative_to(self._own):
            return self._disk.read(path)
        inside = self.inside(absolute)
        if inside is None:
            raise LoadError(f"{path} lies outside the repository {self.root}, so {self.revision} does not have it")
        return self._blob(inside, path)

    def has(self, path: Path) -> bool:
        """Whether the revision has something at this path."""
        inside = self.inside(Path(os.path.normpath(Path.cwd() / path)))
        return inside is not None and self._entry(inside) is not None

    def inside(self, absolute: Path) -> PurePosixPath | None:
        """A path relative to the repository; None if it lies outside."""
        for candidate in (absolute, absolute.parent.resolve() / absolute.name):
            if candidate.is_relative_to(self.root):
                return PurePosixPath(candidate.relative_to(self.root).as_posix())
        return None

    def _blob(self, inside: PurePosixPath, path: Path) -> bytes:
        for _ in range(_LINKS):
            entry = self._entry(inside)
            if entry is None:
                raise LoadError(f"{path} does not exist in {self.revision}")
            if not entry.is_file:
                kind = "folder" if entry.kind == "tree" else entry.kind
                raise LoadError(f"{path} is a {kind} in {self.revision}, not a file")
            if entry.size > MAX_BYTES:
                raise LoadError(f"{path} has {entry.size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read")
            data = self._ask("cat-file", "blob", entry.name)
            if data is None:
                raise LoadError(f"{path}: git cannot read it from {self.revision}; the repository may be damaged")
            if not stat.S_ISLNK(entry.mode):
                return data
            found = self._target(inside, data)
            if found is None:
                raise LoadError(f"{path} is a link that leads out of the repository {self.root}")
            inside = found
        raise LoadError(f"{path}: too many symbolic links in {self.revision}")

    def _target(self, inside: PurePosixPath, data: bytes) -> PurePosixPath | None:
        """The target of a symbolic link."""
        return self.inside(Path(os.path.normpath(self.root / inside.parent / os.fsdecode(data))))

    def entry(self, inside: PurePosixPath) -> GitEntry | None:
        """The entry of a path, from a listing that is read once; links are not followed."""
        return self._all().get(inside)

    def below(self, folder: PurePosixPath) -> Iterator[tuple[PurePosixPath, GitEntry]]:
        """All files of the revision in a folder and below it."""
        for path, entry in self._all().items():
            if entry.is_file and (folder == PurePosixPath() or path.is_relative_to(folder)):
                yield path, entry

    def _all(self) -> dict[PurePosixPath, GitEntry]:
        if self._listing is None:
            listed = self._ask("ls-tree", "-r", "-t", "-z", "--long", "--full-tree", self._commit) or b""
            rows = (row.partition(b"\t") for row in listed.split(b"\0") if row)
            self._listing = {PurePosixPath(os.fsdecode(name)): _entry(head) for head, _, name in rows}
        return self._listing

    def blobs(self, wanted: Mapping[PurePosixPath, GitEntry]) -> Iterator[tuple[PurePosixPath, bytes]]:
        """Contents of files; links within the repository are followed.

        Raises:
            GitError: git cannot read one of them.
        """
        for path, entry in wanted.items():
            at, found = path, entry
            for _ in range(_LINKS):
                data = self._ask("cat-file", "blob", found.name)
                if data is None:
                    message = f"git cannot read {path} from {self.revision}"
                    raise GitError(
                        "TAP870", message, "the repository may be damaged, or a partial clone: see `git fsck`"
                    )
                if not stat.S_ISLNK(found.mode):
                    yield path, data
                    break
                target = self._target(at, data)
                following = None if target is None else self.entry(target)
                if target is None or following is None or not following.is_file:
                    break
                at, found = target, following

    def touched(self, path: Path, most: int) -> list[str]:
        """Short names of the latest revisions that changed a file, the newest first."""
        inside = self.inside(Path(os.path.normpath(Path.cwd() / path)))
        if inside is None:
            return []
        listed = self._ask("-C", str(self.root), "log", f"-n{most}", "--format=%h", self._commit, "--", str(inside))
        return (listed or b"").decode().split()

    def ignores(self, inside: PurePosixPath) -> bool:
        """Whether git ignores a path of the work tree."""
        return self._ask("-C", str(self.root), "check-ignore", "-q", "--", str(inside)) is not None

    def large_file(self, digest: str) -> Path | None:
        """The path of content that Git LFS keeps on this machine under a SHA-256; None if it was not fetched."""
        common = self._ask("rev-parse", "--path-format=absolute", "--git-common-dir")
        if common is None:
            return None
        place = Path(os.fsdecode(common).rstrip("\n")) / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
        return place if place.is_file() else None

    def _entry(self, inside: PurePosixPath) -> GitEntry | None:
        """The entry of a path, asked from git for this path alone; None if the revision lacks it."""
        listed = self._ask("ls-tree", "-z", "--long", "--full-tree", self._commit, "--", str(inside))
        if not listed:
            return None
        return _entry(listed.split(b"\t", 1)[0])

    def _ask(self, *arguments: str) -> bytes | None:
        """What git prints; None if it fails."""
        environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        if "check-ignore" not in arguments:  # it knows no pathspecs, and says so
            environment["GIT_LITERAL_PATHSPECS"] = "1"
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and revisions cannot be taken for options
                ["git", "-C", str(self._folder), *arguments],  # noqa: S607 - the user's own git
                capture_output=True,
                check=False,
                timeout=_TIMEOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            if not self._folder.is_dir():
                message = f"{self._folder} is not a folder"
                raise GitError("TAP871", message, "give the path of the spec from the current folder") from error
            message = "git is not installed, or not on PATH"
            raise GitError("TAP870", message, "install git, or compare two files") from error
        except subprocess.TimeoutExpired as error:
            message = f"git did not answer within {_TIMEOUT:.0f} seconds"
            raise GitError("TAP870", message, "check that `git status` works in the repository") from error
        return done.stdout if done.returncode == 0 else None


def _entry(head: bytes) -> GitEntry:
    """Read a row of `git ls-tree --long` without its path."""
    mode, kind, name, size = head.decode().split()
    return GitEntry(int(mode, 8), kind, name, 0 if size == "-" else int(size))
