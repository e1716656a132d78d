"""Files that steps read, by the names that a reader of the spec finds in it."""

from fnmatch import fnmatch
from pathlib import PurePosixPath

from tapc.inputs import named_files
from tapc.ir import Dataset
from tapc.plan import PlanResources


def files_as_written(dataset: Dataset, resources: PlanResources) -> list[tuple[str, str]]:
    """(name, sha256) of the files that steps read.

    Digests know a file that an absolute path names by its last name alone, so that they do not depend on the machine;
    who wants to know what a spec reads needs its path.
    """
    named = named_files(dataset)
    absolute = [path for path in map(PurePosixPath, (*named.files, *named.globs)) if path.is_absolute()]
    found: dict[str, str] = {}
    for name, digest in resources.files:
        paths = [path for path in absolute if path.name == name or fnmatch(name, path.name)]
        found |= {path.with_name(name).as_posix(): digest for path in paths}
        if not paths or (resources.folder / name).is_file():
            found[name] = digest
    return sorted(found.items())
