"""What `tapc doctor --json` prints."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """The base of these documents."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class EndpointReport(Document):
    """One replica of an endpoint, asked for its list of models.

    Null means that it could not be found out.
    """

    endpoint: str
    model: str
    url: str = Field(description="without credentials and query; `sim:` for the simulated endpoint in this process")
    reachable: bool
    key: Literal["accepted", "refused", "none"] | None
    listed: bool | None = Field(description="whether its list of models names the model")
    root: str | None = Field(default=None, description="what the server says it serves under that name, if another")
    models: list[str] = Field(default_factory=list[str], description="the first of those it lists")
    said: str = Field(default="", description="why there is no answer")


class StepReport(Document):
    """One step's parameters at one endpoint."""

    step: str
    endpoint: str
    outcome: str | None = Field(description="of the reply, null where there was none")
    sent: list[str] = Field(description="names of the parameters sent")
    refused: list[str] = Field(description="those the endpoint refused, as far as it names them")
    ignored: list[str] = Field(description="those that had no effect on the reply")
    structured: Literal["schema", "prompted", "invalid"] | None = Field(description="null for free text")
    seed: Literal["repeats", "differs", "refused"] | None = Field(description="two sends of the same request")
    usage: bool | None = Field(description="whether usage was reported")
    unpriced: str = Field(default="", description="what was reported and the endpoint's price does not cover")
    reasoning: Literal["reasoning", "reasoning_content", "inline"] | None
    thought: str = Field(default="", description="the beginning of what was split off or delivered as reasoning")
    text: str = Field(default="", description="the beginning of what is left as the text")
    finish: str = Field(default="", description="the word by which the reply ended")
    oddities: dict[str, int] = Field(default_factory=dict, description="what was unusual in the reply, by kind")
    returned_model: str
    input_tokens: int
    output_tokens: int
    seconds: float
    said: str = Field(default="", description="why there is no answer")


class DoctorDocument(Document):
    """Everything that was found out."""

    schema_: Literal["tapc.doctor/1"] = Field(default="tapc.doctor/1", alias="schema")
    dataset: str
    endpoints: list[EndpointReport]
    steps: list[StepReport]
    requests: int
    usd: float = Field(description="at the spec's prices; the worst case where usage was not reported")
