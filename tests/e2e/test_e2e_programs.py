"""Programs of the spec: allowed, answered, stored, broken."""

import json
import sys
from pathlib import Path

from driving import Tapc

SPEC = """tap 1
endpoint writer { model "sim" }
dataset d {
  samples 40
  generate question { using writer, prompt "Write a question about light.", require run ["python3", "even.py"], attempts 9 }
  generate answer { using writer, each 2, prompt "{{ question }}" }
  score size { of answer, run ["python3", "size.py"] }
  pair choice { of answer, by size }
  emit preference { from choice }
}
"""
EVEN = """import json, pathlib, sys
for line in sys.stdin:
    text = json.loads(line)["text"]
    print(json.dumps({"accept": len(text) % 2 == 0, "reason": f"{len(text)} is odd"}))
"""
SIZE = """import json, pathlib, sys
with pathlib.Path("ran").open("a") as ran:
    for line in sys.stdin:
        ran.write("x")
        print(json.dumps({"score": len(json.loads(line)["completion"]), "rationale": "its length"}))
"""


def write(folder: Path, size: str = SIZE) -> None:
    (folder / "d.tap").write_text(SPEC.replace('"python3"', json.dumps(sys.executable)), encoding="utf-8")
    (folder / "even.py").write_text(EVEN, encoding="utf-8")
    (folder / "size.py").write_text(size, encoding="utf-8")


def ran(folder: Path) -> int:
    path = folder / "ran"
    return len(path.read_text()) if path.exists() else 0


def test_programs_run_only_where_they_may_and_what_they_answered_serves_without_them(tapc: Tapc) -> None:
    write(tapc.folder)
    for command in ("check", "plan", "graph"):
        tapc(command, "d.tap")
    refused = tapc("run", "d.tap", code=5)
    assert "TAP927" in refused.stderr + refused.stdout
    assert "--allow-run" in refused.stderr + refused.stdout
    assert not ran(tapc.folder)
    assert not (tapc.folder / ".tapc").exists()

    tapc.run("d.tap", "--allow-run")
    assert ran(tapc.folder) == 80
    rows = tapc.rows("d", "preference")
    assert len(rows) == 40
    for row in rows:
        assert len(row["prompt"][0]["content"]) % 2 == 0
        assert row["score_chosen"] == len(row["chosen"][0]["content"])
    rejects = [row for row in tapc.rows("d", "rejects") if row["reason"] == "run"]
    assert rejects
    assert all(row["detail"].endswith("is odd") for row in rejects)

    before = tapc.bytes_of("d")
    tapc.run("d.tap", "--allow-run")
    assert ran(tapc.folder) == 80, "answers are stored like replies"
    tapc.run("d.tap", "--offline")
    assert tapc.bytes_of("d") == before
    write(tapc.folder, SIZE + "# another program\n")
    tapc.run("d.tap", "--allow-run")
    assert ran(tapc.folder) == 160, "a changed program answers anew"


def test_a_broken_program_leaves_a_clear_message_and_the_next_run_goes_on(tapc: Tapc) -> None:
    write(tapc.folder, 'raise SystemExit("no module named light")\n')
    broken = tapc("run", "d.tap", "--allow-run", code=5)
    assert "no module named light" in " ".join((broken.stdout + broken.stderr).split())
    write(tapc.folder)
    assert tapc.run("d.tap", "--allow-run")["samples"]["accepted"] == 40
    assert ran(tapc.folder) == 80


def test_nonsense_is_turned_down_and_one_bad_row_harms_no_other(tapc: Tapc) -> None:
    write(
        tapc.folder,
        "import json, sys\n"
        "for n, line in enumerate(sys.stdin):\n"
        '    size = len(json.loads(line)["completion"])\n'
        "    if size % 5 == 0:\n"
        "        print('what?')\n"
        "    elif size % 47 == 0:\n"
        "        raise SystemExit('seven')\n"
        "    else:\n"
        "        print(size)\n",
    )
    run = tapc.run("d.tap", "--allow-run", code=None)
    rejected = tapc.manifest("d")["rejected"]
    assert rejected["size"]["nonsense"] > 0
    assert run["samples"]["accepted"] > 5
    nonsense = [row for row in tapc.rows("d", "rejects") if row["reason"] == "nonsense"]
    assert {json.dumps(row["detail"]) for row in nonsense} == {'"what?"'}
