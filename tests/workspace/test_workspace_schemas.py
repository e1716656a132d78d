"""Published schemas are golden files; a change of one is a change others must hear of. TAPC_UPDATE_GOLDEN=1 writes them."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from tapc.workspace.schemas import SCHEMAS, document_schema

GOLDEN = Path(__file__).parent.parent / "golden" / "schemas"


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_as_published(name):
    text = json.dumps(document_schema(name), indent=2, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{name}.json"
    if os.environ.get("TAPC_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
