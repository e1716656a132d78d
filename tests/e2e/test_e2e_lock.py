"""`tapc plan --lock` keeps later plans close to the one it records."""

import json
from pathlib import Path

from driving import Tapc


def plan(tapc: Tapc, name: str = "quickstart.tap", *more: str) -> dict[str, object]:
    return json.loads(tapc("plan", name, "--json", *more).stdout)


def kept(tapc: Tapc) -> int:
    """Questions whose reply the store has already: slots that an edit left in place."""
    steps = plan(tapc)["steps"]
    assert isinstance(steps, list)
    return next(s["cached"] for s in steps if s["name"] == "question")


def test_a_lock_keeps_slots_through_an_edit(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap")
    text = quickstart.read_text(encoding="utf-8")
    edited = text.replace("samples 60", "samples 66")
    quickstart.write_text(edited, encoding="utf-8")
    without = kept(tapc)
    quickstart.write_text(text, encoding="utf-8")
    done = tapc("plan", "quickstart.tap", "--lock")
    assert "quickstart.tap.lock" in done.stderr
    lock = (tapc.folder / "quickstart.tap.lock").read_text(encoding="utf-8")
    assert lock.startswith("tapc.lock/2\nsamples 60\n")
    assert kept(tapc) == 60, "a lock of the same plan moves nothing"
    quickstart.write_text(edited, encoding="utf-8")
    assert kept(tapc) >= max(without, 54)


def test_a_damaged_lock_is_an_error_with_its_place(tapc: Tapc, quickstart: Path) -> None:
    tapc("plan", "quickstart.tap", "--lock")
    lock = tapc.folder / "quickstart.tap.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("samples 60", "samples many"), encoding="utf-8")
    done = tapc("plan", "quickstart.tap", code=1)
    assert "TAP811" in done.stderr
    assert "quickstart.tap.lock:2" in done.stderr


def test_a_lock_of_the_same_plan_is_the_same_plan(tapc: Tapc, quickstart: Path) -> None:
    before = plan(tapc)
    tapc("plan", "quickstart.tap", "--lock")
    after = plan(tapc)
    assert before["counts"] == after["counts"]
    assert before["digest"] == after["digest"]


def test_several_datasets_have_a_lock_each(tapc: Tapc) -> None:
    body = (
        'taxonomy topic {{ a, b }}\n  endpoint w {{ model "sim" }}\n'
        '  generate q {{ using w, prompt "{{{{ topic }}}}" }}\n  emit prompts {{ prompt q }}\n'
    ).format()
    (tapc.folder / "two.tap").write_text(
        f"tap 1\n\ndataset one {{\n  samples 10\n  {body}}}\n\ndataset two {{\n  samples 20\n  {body}}}\n",
        encoding="utf-8",
    )
    tapc("plan", "two.tap", "--dataset", "two", "--lock")
    assert (tapc.folder / "two.tap.two.lock").is_file()
    assert plan(tapc, "two.tap", "--dataset", "one")["samples"] == 10
