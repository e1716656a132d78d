"""`manifest.json` of an export, which is also what `tapc export --json` prints."""

from typing import Literal

from pydantic import Field

from tapc.outputs.manifest import Document, FileEntry


class ConfigEntry(Document):
    """A config as it was exported."""

    config: str
    task: str = Field(description="what is trained on its rows, as the target calls it")
    splits: dict[str, int] = Field(description="rows by split")


class ExportDocument(Document):
    """What an export holds: the same dataset gives the same bytes."""

    schema_: Literal["tapc.export/1"] = Field(default="tapc.export/1", alias="schema")
    dataset: str
    target: str
    plan_digest: str = Field(description="of the plan that the dataset was made from")
    simulated: bool
    configs: list[ConfigEntry]
    skipped: dict[str, str] = Field(description="configs that were left out, with the reason")
    versions: dict[str, str]
    files: list[FileEntry]
    documents: list[str] = Field(description="the other files that are tapc's; whatever neither names is kept")
