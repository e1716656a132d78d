"""Published JSON Schemas of the documents tapc writes."""

from typing import Any

SCHEMAS = ("plan", "diff", "manifest", "run", "export", "test", "track", "what-if")
"""Names that `document_schema` knows."""


def document_schema(name: str) -> dict[str, Any]:
    """JSON Schema of a document, by the names in `SCHEMAS`.

    Raises:
        KeyError: no such document.
    """
    from tapc.exports import ExportDocument  # noqa: PLC0415 - documents are only imported where asked for
    from tapc.outputs import Manifest, RunDocument  # noqa: PLC0415 - the same
    from tapc.plan import DiffDocument, PlanDocument  # noqa: PLC0415 - the same
    from tapc.workspace.tested import TestDocument  # noqa: PLC0415 - the same
    from tapc.workspace.tracking import TrackDocument  # noqa: PLC0415 - the same
    from tapc.workspace.what_if import WhatIfDocument  # noqa: PLC0415 - the same

    models = {
        "plan": PlanDocument,
        "diff": DiffDocument,
        "manifest": Manifest,
        "run": RunDocument,
        "export": ExportDocument,
        "test": TestDocument,
        "track": TrackDocument,
        "what-if": WhatIfDocument,
    }
    schema = models[name].model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
