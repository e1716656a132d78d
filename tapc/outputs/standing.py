"""What stands where a dataset's folder goes: nothing, an older version, or something that is not tapc's to replace."""

import os
import stat
from pathlib import Path

import msgspec

MANIFEST = "manifest.json"
CARD = "README.md"
RUN = "run.json"
DOCUMENTS = (CARD, MANIFEST, RUN)
"""What is in a folder in addition to data files; the manifest lists these by name, without a digest."""


class FolderError(Exception):
    """The place cannot be used; the message says why and what to do.

    Attributes:
        late: whether it was found when the dataset was put into place, so that replies may have been paid for.
    """

    def __init__(self, message: str, *, late: bool = False) -> None:
        super().__init__(message)
        self.late = late


class Owner(msgspec.Struct, frozen=True):
    """Whose versions replace one another at a place.

    Attributes:
        dataset: name in their manifests.
        schema: of their manifests, without the version.
        what: word for one of them, with its article.
        target: what they are exported to; empty where they are the dataset itself.
    """

    dataset: str
    schema: str = "tapc.manifest/"
    what: str = "a dataset"
    target: str = ""


class Standing(msgspec.Struct, frozen=True):
    """A version of a dataset, or an empty folder.

    Attributes:
        empty: whether nothing is in it.
        accepted: samples it holds.
        listed: files that are tapc's, as paths within the folder; all others are not tapc's.
    """

    empty: bool
    accepted: int = 0
    listed: frozenset[str] = frozenset()


class _File(msgspec.Struct):
    path: str


class _Samples(msgspec.Struct, frozen=True):
    accepted: int


class _Known(msgspec.Struct):
    """The part of a manifest that decides what may be replaced; of any version of tapc."""

    schema: str
    dataset: str
    files: list[_File]
    samples: _Samples = _Samples(0)
    target: str = ""
    documents: tuple[str, ...] = DOCUMENTS


def standing(final: Path, owner: Owner) -> Standing | None:
    """What is at a place; None where nothing is.

    Args:
        final: of the dataset's folder.
        owner: whose version it must be.

    Raises:
        FolderError: tapc must not, or cannot, replace it.
    """
    try:
        found = final.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FolderError(f"{final} cannot be looked at: {error.strerror}; choose another folder with --out") from error
    if stat.S_ISLNK(found.st_mode):
        raise FolderError(
            f"{final} is a link to {final.readlink()}, and tapc replaces a dataset's folder as a whole without "
            "following links; remove the link, or name the folder that holds the datasets with --out"
        )
    if not stat.S_ISDIR(found.st_mode):
        raise FolderError(f"{final} is not a folder; move it away, or choose another folder with --out")
    if final.is_mount() or found.st_dev != final.parent.stat().st_dev:
        raise FolderError(
            f"{final} is a mount point and cannot be replaced as a whole; mount it at {final.parent}, or choose "
            "another folder with --out"
        )
    if not may(final, os.R_OK | os.W_OK | os.X_OK):
        raise FolderError(
            f"{final} cannot be listed or written by you, so it is not known what would be lost; "
            f"`chmod u+rwx {final}` if it is yours, or choose another folder with --out"
        )
    try:
        empty = not any(os.scandir(final))
    except OSError as error:
        raise FolderError(
            f"{final} cannot be listed: {error.strerror}; mend that, or choose another folder with --out"
        ) from error
    return Standing(empty=True) if empty else _version(final, owner)


def _version(final: Path, owner: Owner) -> Standing:
    known = known_manifest(final, owner.schema)
    if known is None:
        raise FolderError(
            f"{final} exists and was not made by tapc (it has no manifest.json of {owner.what}); move it away, or "
            "choose another folder with --out"
        )
    if known.dataset != owner.dataset:
        raise FolderError(
            f"{final} holds {owner.what} `{known.dataset}`, not `{owner.dataset}`; move it away, or choose another "
            "folder with --out"
        )
    if known.target != owner.target:
        raise FolderError(
            f"{final} holds {owner.what} of `{known.dataset}` to `{known.target}`, not to `{owner.target}`; move it "
            "away, or choose another folder with --out"
        )
    return Standing(empty=False, accepted=known.samples.accepted, listed=listed_by(known))


def may(path: Path, mode: int) -> bool:
    """Whether this process may read, write or enter something (`os.R_OK` and so on)."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def known_manifest(folder: Path, schema: str = "tapc.") -> _Known | None:
    """The manifest of a folder; None where there is none that tapc wrote, with a schema that begins so."""
    try:
        descriptor = os.open(folder / MANIFEST, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            known = msgspec.json.decode(file.read(), type=_Known)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
    return known if known.schema.startswith(schema) else None


def listed_by(known: _Known) -> frozenset[str]:
    """Files that are tapc's: those a manifest lists, itself included."""
    return frozenset((*(file.path for file in known.files), *known.documents, MANIFEST))
