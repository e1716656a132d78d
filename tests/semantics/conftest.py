"""Specs in memory, through the same loader face as files on disk."""

from pathlib import Path

import pytest

from tapc.frontend import compile_spec
from tapc.source import LoadError


class Files:
    """A loader over a dictionary; bundled files are read from where they are."""

    def __init__(self, files):
        self.files = files

    def read(self, path):
        if str(path) in self.files:
            return self.files[str(path)].encode()
        if path.is_absolute() and path.is_file():
            return path.read_bytes()
        raise LoadError(f"{path} does not exist")


@pytest.fixture
def compiled():
    def run(spec, /, settings=None, dataset=None, **files):
        texts = {name.replace("_tap", ".tap"): text for name, text in files.items()}
        return compile_spec(
            Path("spec.tap"), Files({"spec.tap": spec, **texts}), settings=settings or {}, dataset=dataset
        )

    return run


@pytest.fixture
def codes(compiled):
    def run(spec, /, **rest):
        return [d.code for d in compiled(spec, **rest).diagnostics]

    return run
