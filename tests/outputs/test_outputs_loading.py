"""Every config loads in the newest `datasets`, and a folder that was rewritten gives new rows.

One spec here; all of them, in the oldest version too, in the external suite (each takes some ten seconds of CPU).
"""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from shipped import check_loading


@pytest.mark.slow
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_every_config_loads_again_and_again(tmp_path: Path, split: bool) -> None:
    assert check_loading(tmp_path, "quickstart", split=split, python=sys.executable) == version("datasets")
