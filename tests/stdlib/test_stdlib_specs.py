"""The specs after published datasets run from end to end with the numbers they state."""

from pathlib import Path

import pytest
from called import Called

from tapc.source import bundled_dir

CASES = {
    "tap_paper": {"preference": 20, "sft": 20},
    "ultrafeedback": {"preference": 20, "reward": 80},
    "pku_saferlhf": {"safer": 20, "better": 20},
}


@pytest.mark.parametrize("name", CASES)
def test_a_spec_runs_with_exact_counts(name: str, tmp_path: Path):
    tapc = Called(tmp_path)
    tapc("run", str(bundled_dir("specs") / f"{name}.tap"), "--limit", "20", "-q")
    for config, count in CASES[name].items():
        assert len(tapc.rows(name, config)) == count, config
