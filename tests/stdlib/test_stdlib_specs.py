"""The specs after published datasets run from end to end with the numbers they state."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tapc.source import bundled_dir

CASES = {
    "tap_paper": {"preference": 20, "sft": 20},
    "ultrafeedback": {"preference": 20, "reward": 80},
    "pku_saferlhf": {"safer": 20, "better": 20},
}


@pytest.mark.parametrize("name", CASES)
def test_a_spec_runs_with_exact_counts(name: str, tmp_path: Path):
    spec = bundled_dir("specs") / f"{name}.tap"
    command = [sys.executable, "-m", "tapc", "run", str(spec), "--limit", "20", "-q"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    for config, count in CASES[name].items():
        rows = [
            json.loads(line)
            for file in sorted((tmp_path / "out" / name / "data" / config).glob("*.jsonl"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        assert len(rows) == count, config
