"""The document that `tapc test` prints with `--json`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tapc.outputs import ExpectationEntry


class TestPart(BaseModel):
    """Base of all parts; immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    __test__ = False


class TestedDataset(TestPart):
    """One dataset of one spec."""

    spec: str
    dataset: str
    replies: str = Field(description="the recording, or `simulated`")
    samples: int = Field(description="accepted")
    planned: int
    missing: dict[str, int] = Field(description="samples without a recorded reply, by the step that lacks it")
    expectations: list[ExpectationEntry]
    passed: bool
    problems: list[str] = Field(description="everything that is wrong, for people")


class TestDocument(TestPart):
    """The result of `tapc test`."""

    schema_: Literal["tapc.test/1"] = Field(default="tapc.test/1", alias="schema")
    passed: bool
    datasets: list[TestedDataset]
