"""Ctrl-C while a command is still being loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOOK = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPT_AT"]:
            os.kill(os.getpid(), signal.SIGINT)

class InterruptPydantic:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPT_AT"]:
            from pydantic_core import SchemaValidator
            class Pressed:
                def __index__(self):
                    os.kill(os.getpid(), signal.SIGINT)
                    return 0
            SchemaValidator({"type": "str", "max_length": Pressed()})

sys.meta_path.insert(0, globals()[os.environ["INTERRUPT_BY"]]())
"""


@pytest.mark.parametrize("by", ["Interrupt", "InterruptPydantic"])
@pytest.mark.parametrize("module", ["tapc.ir.space", "tapc.semantics"])
def test_ctrl_c_while_modules_are_loaded_ends_without_a_traceback(tmp_path: Path, module: str, by: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "tapc", "check", "none.tap"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "INTERRUPT_AT": module, "INTERRUPT_BY": by},
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "interrupted")
