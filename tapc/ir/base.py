"""Base classes of the IR."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo


class Frozen(BaseModel):
    """An immutable model that rejects unknown fields; equal content means equal objects."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """Build an object from parts of exactly the declared types, without validation.

        The normal constructor validates, for data from outside. The first validation of a class builds its validator
        and loads pydantic's plugins, which alone takes longer than checking a small spec.

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


class Placed(Frozen):
    """Something with a name among siblings, which the IR sorts by name, and its place among them in the spec.

    Fields that are excluded from JSON, such as the place, are for people: they are in no digest and make no two objects
    differ.

    Attributes:
        place: position among its siblings in the spec.
    """

    name: str
    place: int = Field(default=0, exclude=True)

    def __eq__(self, other: object) -> bool:
        """Whether all but the fields for people is equal."""
        if type(self) is not type(other):
            return NotImplemented
        fields, its = type(self).__pydantic_fields__, other.__dict__
        return all(value == its.get(name) for name, value in self.__dict__.items() if not fields[name].exclude)

    def __hash__(self) -> int:
        return hash((type(self), self.name))


_Sibling = TypeVar("_Sibling", bound=Placed)


def as_written(siblings: Iterable[_Sibling]) -> list[_Sibling]:
    """Siblings in the order of the spec."""
    return sorted(siblings, key=lambda one: one.place)


class Template(Frozen):
    """A checked template.

    Attributes:
        text: Jinja2 source.
        reads: names of the steps and axes that it reads, sorted; these are dependencies of its step.
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
