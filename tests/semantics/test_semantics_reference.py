from pathlib import Path

import pytest

from tapc.semantics.vocabulary import statements
from tapc.semantics.vocabulary.reference import reference
from tapc.source import SourceFile
from tapc.syntax import parse


def test_the_reference_is_current():
    written = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m tapc.semantics.vocabulary.reference > docs/reference.md"


@pytest.mark.parametrize("name", list(statements()))
def test_every_example_parses_and_starts_with_its_field(name):
    for field in statements()[name].fields:
        _, findings = parse(SourceFile("example.tap", f"tap 1\nx {{ {field.example.replace('…', '')} }}\n"))
        if field.name not in ("import", "param", "taxonomy"):
            assert findings == [], (field.name, field.example)
        assert field.name in field.example.split()
        assert field.definition.endswith(".")


def test_blocks_lead_to_statements():
    known = statements()
    for statement in known.values():
        for field in statement.fields:
            if field.block:
                assert field.block in known
