"""Every config of every shipped spec loads in the oldest and the newest `datasets` that pyproject.toml admits."""

import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from driving import ROOT
from shipped import SPECS, check_loading

pytestmark = pytest.mark.external


@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
@pytest.mark.parametrize("spec", SPECS)
def test_every_config_loads_in_the_oldest_version(tmp_path: Path, spec: str, split: bool) -> None:
    python = os.environ["TAPC_EXTERNAL_DATASETS"]
    floor = re.search(r'hub = \["datasets>=([0-9.]+)"\]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert floor is not None
    found = check_loading(tmp_path, spec, split=split, python=python)
    assert found.startswith(f"{floor[1]}."), f"{found} is not the oldest"


@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
@pytest.mark.parametrize("spec", SPECS)
def test_every_config_loads_in_the_newest_version(tmp_path: Path, spec: str, split: bool) -> None:
    assert check_loading(tmp_path, spec, split=split, python=sys.executable) == version("datasets")
