"""Every config loads in the newest `datasets`, and a folder that was rewritten gives new rows.

One spec here; all of them, whole too, in more sizes and in the oldest version, in the external suite.
"""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from shipped import check_loading


@pytest.mark.slow
def test_every_config_loads_again_and_again(tmp_path: Path) -> None:
    found = check_loading(tmp_path, "quickstart", split=True, python=sys.executable, sizes=(20, 40))
    assert found == version("datasets")
