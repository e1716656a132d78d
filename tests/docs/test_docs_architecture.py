"""docs/architecture.md is true: its picture is that of the contracts, its walks name what really runs, in its order."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from layers import BEGIN, END, ROOT, picture

PAGE = ROOT / "docs" / "architecture.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[(`[^`]+`|[^\]]*)\]\(([^)\s]+)\)")
WALK = re.compile(r"^## Walk: (.+)\n((?:.*\n)+?)(?=^## |\Z)", re.MULTILINE)


def test_the_picture_is_that_of_the_contracts() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    shown, end, after = rest.partition(END)
    assert end, "the markers stand in the page"
    if os.environ.get("TAPC_UPDATE_GOLDEN"):
        PAGE.write_text(before + BEGIN + picture() + END + after, encoding="utf-8")
        return
    assert shown == picture(), "renew it with TAPC_UPDATE_GOLDEN=1"


def links(page: Path) -> Iterator[tuple[str, str]]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for shown, target in LINK.findall(text):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            yield shown.strip("`"), target.partition("#")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for _, target in links(page):
        assert (page.parent / target).exists(), target


def defined(path: Path) -> set[str]:
    """Qualified names of the classes and functions of a module."""

    def inside(node: ast.AST, prefix: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name
                yield from inside(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.If | ast.Try):
                yield from inside(child, prefix)

    return set(inside(ast.parse(path.read_text(encoding="utf-8")), ""))


def test_names_that_link_to_a_module_stand_in_it() -> None:
    wrong = [
        f"{page.relative_to(ROOT)}: {name} in {target}"
        for page in PAGES
        for name, target in links(page)
        if target.endswith(".py") and re.fullmatch(r"[\w.]+", name) and not name.endswith(".py")
        if not target.endswith("__init__.py") and name not in defined(page.parent / target)
    ]
    assert wrong == []


SPEC = """tap 1

dataset d {
  samples 12
  taxonomy topic { physics 40%, biology }
  mix language { en 50%, sw }
  endpoint w { model "sim-writer" }
  generate answer {
    using w
    prompt "Ask about {{ topic }} in {{ language.name }}."
    require length 70..90 words
    attempts 30
  }
  emit sft { from answer }
}
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """First calls of a run of a small spec from nothing, in order: `tapc/file.py name`."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "d.tap").write_text(SPEC, encoding="utf-8")
    recording = Path(__file__).with_name("recording.py")
    done = subprocess.run(
        [sys.executable, str(recording), "run", "d.tap", "--yes", "-q"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")},
    )  # fmt: skip
    assert (folder / "out" / "d" / "data" / "sft").is_dir(), done.stderr
    return json.loads(done.stdout.splitlines()[-1])


WALKS = dict(WALK.findall(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else {}


def test_there_are_three_walks() -> None:
    assert len(WALKS) == 3


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_passes_what_it_names_in_that_order(name: str, calls: dict[str, int]) -> None:
    stops = [
        f"{target.removeprefix('../')} {shown.strip('`')}"
        for shown, target in LINK.findall(WALKS[name])
        if target.startswith("../tapc/") and shown.startswith("`")
    ]
    assert len(stops) >= 6
    never = [stop for stop in stops if stop not in calls]
    assert never == [], "named in the walk, but not called"
    assert stops == sorted(stops, key=calls.__getitem__), "called in another order"
