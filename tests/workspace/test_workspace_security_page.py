"""SECURITY.md promises nothing without a test: each one it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_page_names_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    text = (ROOT / path).read_text("utf-8")
    assert re.search(rf"^(?:async )?def {function or 'test_'}", text, re.MULTILINE), name


def test_each_promise_names_one() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "| test |" not in line]
    assert len(rows) > 15
    assert all("`tests/" in line for line in rows), [line for line in rows if "`tests/" not in line]
