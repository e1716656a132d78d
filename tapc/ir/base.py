"""What all parts of the IR share."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, closed model; equal content means equal objects."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Template(Frozen):
    """A checked template.

    Attributes:
        text: Jinja2 source.
        reads: names of steps and axes it reads, sorted; the dependencies of the step it stands in.
    """

    text: str
    reads: tuple[str, ...] = ()
