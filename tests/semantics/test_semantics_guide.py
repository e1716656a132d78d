"""Every spec in the guide is right, without a warning, and laid out as the formatter would."""

import re
from pathlib import Path

import pytest

from tapc.format import format_source
from tapc.source import SourceFile
from tapc.workspace.check.counts import check_counts

GUIDE = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```tap\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: re.search(r"dataset (\w+)", text)[1])
def test_specs_of_the_guide(text, tmp_path):
    spec = tmp_path / "guide.tap"
    spec.write_text(text, encoding="utf-8")
    assert [(d.code, d.message) for d in check_counts(spec, settings={}, dataset=None)] == []
    assert format_source(SourceFile("guide.tap", text))[0] == text


def test_every_code_the_guide_names_exists():
    from tapc.diagnostics import rules

    assert set(re.findall(r"TAP\d{3}", GUIDE)) <= rules().keys()
    assert len(BLOCKS) == 5
