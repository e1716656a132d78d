"""Lowering builds the IR without validation; it must be exactly what validation would have made."""

import sys
from pathlib import Path

import pytest

from tapc.frontend import compile_spec
from tapc.ir import Endpoint, Sampling
from tapc.source import DiskLoader, bundled_dir

sys.path.insert(0, str(Path(__file__).parent))
from exact_types import differences

GOOD = sorted((bundled_dir("grammar") / "examples" / "good").glob("*.tap"))
SPECS = sorted(bundled_dir("specs").glob("**/*.tap"))


@pytest.mark.parametrize("path", [*GOOD, *SPECS], ids=lambda path: path.stem)
def test_every_field_has_its_declared_type(path):
    for part in compile_spec(path, DiskLoader()).parts:
        assert differences(part.dataset) == []


def test_missing_and_unknown_fields_are_refused():
    with pytest.raises(TypeError, match="needs model"):
        Endpoint.trusted(name="e")
    with pytest.raises(TypeError, match="has no temprature"):
        Sampling.trusted(temprature=1.0)
    assert Sampling.trusted(temperature=1.0) == Sampling(temperature=1.0)
    assert hash(Endpoint.trusted(name="e", model="m")) == hash(Endpoint(name="e", model="m"))
