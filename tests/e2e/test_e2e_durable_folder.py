"""A dataset's folder is on the disk before it takes the place of the old one."""

import sys

from driving import ROOT, Tapc, clean_environment

sys.path.insert(0, str(ROOT / "tests"))
from tracing import needs_strace, traced

SPEC = """tap 1

dataset small {
  samples 6
  taxonomy topic { alpha, beta }
  endpoint w { model "sim-writer", max_tokens 60 }
  generate answer { using w, prompt "Write about {{ topic }}." }
  emit sft { from answer }
}
"""


@needs_strace
def test_every_file_is_synced_before_the_folder_is_put_into_place(tapc: Tapc) -> None:
    """A power cut right after the renaming leaves whole files, whichever folder it leaves."""
    place = tapc.folder / "place"
    place.mkdir()
    (place / "small.tap").write_text(SPEC, encoding="utf-8")
    command = [sys.executable, "-m", "tapc", "run", "small.tap", "--yes", "-q"]
    exchanged = 0
    for samples in (6, 7):  # made new, then put in place of an old one
        (place / "small.tap").write_text(SPEC.replace("samples 6", f"samples {samples}"), encoding="utf-8")
        trace = traced(command, place, cwd=place, env=clean_environment())
        final = place.resolve() / "out" / "small"
        renames = [
            n
            for n, call in enumerate(trace.calls)
            if call.name in ("rename", "exchange") and str(final) in (call.path, call.to)
        ]
        assert renames, [call for call in trace.calls if call.name == "rename"]
        left = trace.left(renames[-1] + 1)
        made = {p: p.read_bytes() for p in final.rglob("*") if p.is_file()}
        assert len(made) >= 4
        for path, data in made.items():
            assert left.get(str(path)) == data, f"{path} was not synced, or its name was not"
        if trace.calls[renames[-1]].name == "exchange":
            after = trace.calls[renames[-1] + 1 :]
            removed = next(n for n, call in enumerate(after) if call.name.startswith("unlink"))
            synced = [call.path for call in after[:removed] if call.name == "sync"]
            assert str(final.parent) in synced, "or the old version, whose files are going, might still bear the name"
            exchanged += 1
    assert exchanged == 1
