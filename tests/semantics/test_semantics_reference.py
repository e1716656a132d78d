from pathlib import Path

import pytest

from tapc.frontend.reference import reference
from tapc.kinds.declared import REGISTRY
from tapc.source import SourceFile
from tapc.syntax import parse


def test_the_reference_is_current():
    written = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m tapc.frontend.reference > docs/reference.md"


@pytest.mark.parametrize("name", list(REGISTRY.vocabulary.statements))
def test_every_example_parses_and_starts_with_its_field(name):
    for field in REGISTRY.vocabulary.statements[name].fields:
        _, findings = parse(SourceFile("example.tap", f"tap 1\nx {{ {field.example.replace('…', '')} }}\n"))
        if field.name not in ("import", "param", "taxonomy"):
            assert findings == [], (field.name, field.example)
        assert field.name in field.example.split()
        assert field.definition.endswith(".")


def test_blocks_lead_to_statements():
    known = REGISTRY.vocabulary.statements
    for statement in known.values():
        for field in statement.fields:
            if field.block:
                assert field.block in known
