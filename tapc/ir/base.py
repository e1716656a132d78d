"""What all parts of the IR share."""

from collections.abc import Callable, Mapping
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationInfo


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


def model_of_kind(group: str, field: str) -> Callable[[Any, ValidationInfo], Any]:
    """A validator that makes an object of the model of its kind.

    The models are in the context of the validation, `{group: {kind: model}}`, since the IR does not know which kinds
    there are. Objects that are models already stay.

    Args:
        group: `steps`, `checks` or `emits`.
        field: that names the kind.
    """

    def validate(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, dict):
            return value
        given = cast("dict[str, Any]", value)
        known = cast("Mapping[str, Mapping[str, type[BaseModel]]]", info.context or {})
        models = known.get(group, {})
        if given.get(field) not in models:
            raise ValueError(f"no kind among the {group} is called {given.get(field)!r}")
        return models[given[field]].model_validate(given, context=info.context)

    return validate
