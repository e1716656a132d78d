"""What all parts of the IR share."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, closed model; equal content means equal objects."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """Build from parts that were made and checked here, of exactly the declared types.

        The calling constructor validates, for parts that come from elsewhere. The first validation of a class makes
        its validator and loads pydantic's plugins, which alone takes longer than checking a small spec.

        Raises:
            TypeError: a field is missing or unknown.
        """
        fields = cls.__pydantic_fields__
        if not values.keys() <= fields.keys():
            raise TypeError(f"{cls.__name__} has no {', '.join(values.keys() - fields.keys())}")
        missing = [name for name, field in fields.items() if name not in values and field.is_required()]
        if missing:
            raise TypeError(f"{cls.__name__} needs {', '.join(missing)}")
        return cls.model_construct(**values)


class Template(Frozen):
    """A checked template.

    Attributes:
        text: Jinja2 source.
        reads: names of steps and axes it reads, sorted; the dependencies of the step it stands in.
    """

    text: str
    reads: tuple[str, ...] = ()
