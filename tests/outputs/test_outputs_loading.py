"""Every config of every shipped spec loads in the newest `datasets`, and a folder that was rewritten gives new rows."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from shipped import SPECS, check_loading


@pytest.mark.slow
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
@pytest.mark.parametrize("spec", SPECS)
def test_every_config_loads_again_and_again(tmp_path: Path, spec: str, split: bool) -> None:
    assert check_loading(tmp_path, spec, split=split, python=sys.executable) == version("datasets")
