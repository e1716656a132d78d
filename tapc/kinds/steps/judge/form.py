"""The form a judge fills in: its JSON Schema, and reading it. What does not fit is nonsense, never a score."""

from fractions import Fraction
from typing import Any, cast

import msgspec

from tapc.checks import NoJson, parse_json
from tapc.ir import Aspect, Rubric
from tapc.kinds.steps.judge.scale import OVERALL, Scale
from tapc.steps.results import ScoreValue

Scores = dict[str, ScoreValue]

_RATIONALE = {"type": "string", "description": "Two to four sentences that weigh the answer against each aspect."}


class Nonsense(ValueError):  # noqa: N818 - says what the reply is
    """A judge's reply that cannot be read as a verdict; the message says why."""


class Verdictlike(msgspec.Struct, frozen=True):
    """One filled form."""

    scores: Scores
    rationale: str


class Form:
    """The form for one answer under a rubric."""

    def __init__(self, rubric: Rubric, scale: Scale) -> None:
        # an overall that is asked follows from the aspects, so it is asked last
        self._aspects = sorted(rubric.aspects, key=lambda aspect: aspect.name == OVERALL)
        self._scale = scale

    def schema(self) -> dict[str, Any]:
        """JSON Schema as a mapping; the rationale comes first, so that scores follow from it."""
        properties: dict[str, Any] = {"rationale": _RATIONALE}
        properties.update((aspect.name, _property(aspect)) for aspect in self._aspects)
        return closed(properties)

    def read(self, data: Any) -> Verdictlike:
        """Read one filled form.

        Raises:
            Nonsense: anything is missing, unknown, of the wrong type, off its scale or contradicts itself.
        """
        fields = members(data, ("rationale", *(aspect.name for aspect in self._aspects)))
        rationale = fields["rationale"]
        if not isinstance(rationale, str):
            raise Nonsense("the rationale is not a text")
        scores = {aspect.name: _value(aspect, fields[aspect.name]) for aspect in self._aspects}
        problem = self._scale.contradiction(scores)
        if problem is not None:
            raise Nonsense(problem)
        return Verdictlike(scores, rationale.strip())


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """Schema of an object with exactly these members."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def members(data: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Check that a JSON value is an object with exactly these members.

    Raises:
        Nonsense: it is not.
    """
    if not isinstance(data, dict):
        raise Nonsense("not a JSON object")
    fields = cast("dict[str, Any]", data)
    for name in names:
        if name not in fields:
            raise Nonsense(f"{name} is missing")
    if len(fields) != len(names):
        raise Nonsense(f"unknown member {next(name for name in fields if name not in names)}")
    return fields


def decode(text: str) -> Any:
    """JSON of a reply.

    Raises:
        Nonsense: it is none.
    """
    try:
        return parse_json(text)
    except NoJson as error:
        raise Nonsense(f"not JSON: {error}") from error


def _property(aspect: Aspect) -> dict[str, Any]:
    if aspect.scale == "category":
        return {"type": "array", "items": {"type": "string", "enum": list(aspect.options)}}
    kind: dict[str, Any] = {"type": "boolean"}
    if aspect.scale == "range":
        kind = {"type": "integer", "minimum": aspect.minimum, "maximum": aspect.maximum}
    return {"anyOf": [kind, {"type": "null"}]} if aspect.optional else kind


def _value(aspect: Aspect, value: Any) -> ScoreValue:
    if value is None and aspect.optional:
        return None
    if aspect.scale == "boolean":
        if not isinstance(value, bool):
            raise Nonsense(f"{aspect.name} is not true or false")
        return value
    if aspect.scale == "category":
        return _categories(aspect, value)
    # 4.0 is how some servers write 4; "4" and 4.5 are not what was asked
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise Nonsense(f"{aspect.name} is not a whole number")
    if not aspect.minimum <= value <= aspect.maximum:
        raise Nonsense(f"{aspect.name} is {value}, outside {aspect.minimum}..{aspect.maximum}")
    return Fraction(int(value))


def _categories(aspect: Aspect, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Nonsense(f"{aspect.name} is not a list")
    chosen = cast("list[Any]", value)
    for option in chosen:
        if option not in aspect.options:
            raise Nonsense(f"{aspect.name} names {option!r}, which is no option")
    return tuple(option for option in aspect.options if option in chosen)
