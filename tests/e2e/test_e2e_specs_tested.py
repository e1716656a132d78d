"""The shipped specs are as they expect, on simulated models."""

import pytest
from called import Called
from driving import ROOT


@pytest.mark.parametrize("spec", sorted((ROOT / "specs").glob("*.tap")), ids=lambda path: path.stem)
def test_a_shipped_spec_is_as_it_expects(spec, tmp_path) -> None:
    done = Called(tmp_path)("test", str(spec))
    assert "passed" in done.stdout
    assert " 0 expectations" not in done.stdout
    assert list(tmp_path.iterdir()) == []
