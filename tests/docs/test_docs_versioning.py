"""The page on specs in git: its files are written and its commands run, in order, as it says."""

import re
import shlex
from pathlib import Path

from called import Called
from driving import ROOT

PAGE = ROOT / "docs" / "versioning.md"
BLOCK = re.compile(r"<!-- (run|file: (\S+)) -->\n```\w+\n(.*?)```", re.DOTALL)


def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    said = []
    for _, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if name:
            (tmp_path / name).write_text(text, encoding="utf-8")
            continue
        for line in text.splitlines():
            command, *arguments = shlex.split(line)
            assert command == "tapc"
            said.append(tapc(*arguments).stdout)
    plan, run, simulated, recorded, tested = said
    assert "5 expectations: 3 hold, 2 known after a run" in plan
    assert "5 expectations: 5 hold" in run
    assert "(simulated)" in simulated
    assert "wrote 12 replies to tests/tutor.replies" in recorded
    assert "(tests/tutor.replies)" in tested
