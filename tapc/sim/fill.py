"""Fills in a JSON Schema: with verdicts where texts are judged, else with the writer's own text and drawn values."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from tapc.sim.draws import Draws, digest
from tapc.sim.judging import Court
from tapc.sim.quality import features
from tapc.sim.wire import encode

Schema = dict[str, Any]
Author = Callable[[Draws, str, int], str]
"""Writes a text for a field: draws, name of the field, limit in tokens."""

_MAX_DEPTH = 24
_MAX_VALUES = 10_000
_MAX_LENGTH = 100_000
_TEXT: Schema = {"type": "string"}
_REASON = re.compile(r"rationale|reason|explan|justif|critique|feedback|comment|thought|analysis", re.IGNORECASE)
_NUMBER_OF = re.compile(
    r"^(?:answer|candidate|response|index|id|number|label|completion|option)(?:_?(?:id|index|number))?$"
)
_RANKING = re.compile(r"rank|order|sorted", re.IGNORECASE)
_RATE_NULL = 0.03
_TIE = 0.04
"""Opinions closer than this are a tie, where a tie may be said."""
_FIRST = frozenset(
    {"a", "1", "first", "answer_1", "answer_a", "answer 1", "answer a", "response_a", "response_1", "left"}
)
_SECOND = frozenset(
    {"b", "2", "second", "answer_2", "answer_b", "answer 2", "answer b", "response_b", "response_2", "right"}
)
_TIES = frozenset({"tie", "equal", "draw", "same", "c", "neither", "both"})


class Filler:
    """Fills in one schema for one completion."""

    def __init__(self, schema: Schema, judged: Court | None, author: Author, model: str, key: bytes) -> None:
        self._root = schema
        self._court = judged
        self._author = author
        self._model = model
        self._key = key
        self._draws = Draws(key, b"fill")
        self._written = 0

    def text(self) -> str:
        """The JSON text."""
        return encode(self.value(self._root, "", 0, 0)).decode()

    def value(self, schema: Any, name: str, candidate: int, depth: int) -> Any:
        """A value for a schema; `candidate` is the judged text it is about.

        Raises:
            ValueError: the schema asks for more than anyone needs.
        """
        if not isinstance(schema, dict) or depth > _MAX_DEPTH:
            return None
        self._written += 1
        if self._written > _MAX_VALUES:
            raise ValueError(f"it asks for more than {_MAX_VALUES} values")
        part = self._resolved(cast("Schema", schema))
        if "const" in part:
            return part["const"]
        if "enum" in part:
            return self._choice(part, name, candidate)
        options: list[Schema] | None = part.get("anyOf") or part.get("oneOf")
        kind: Any = part.get("type") or ("object" if "properties" in part else "string")
        if options is None and isinstance(kind, list):
            options = [{**part, "type": one} for one in cast("list[str]", kind)]
        if options is not None:
            return self._one_of(options, name, candidate, depth)
        return self._typed(str(cast("Any", kind)), part, name, candidate, depth)

    def _typed(self, kind: str, part: Schema, name: str, candidate: int, depth: int) -> Any:
        if kind == "object":
            return self._object(part, candidate, depth)
        if kind == "array":
            return self._array(part, name, candidate, depth)
        if kind in ("integer", "number"):
            return self._number(part, name, candidate)
        if kind == "boolean":
            return self._boolean(part, name, candidate)
        return None if kind == "null" else self._string(part, name, candidate)

    def _resolved(self, schema: Schema) -> Schema:
        for _ in range(16):
            reference: Any = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#"):
                break
            schema = _pointed(self._root, reference[1:])
        parts: list[Schema] | None = schema.get("allOf")
        if parts is None:
            return schema
        merged = {name: value for name, value in schema.items() if name != "allOf"}
        for part in parts:
            merged |= self._resolved(part)
        return merged

    def _one_of(self, options: list[Schema], name: str, candidate: int, depth: int) -> Any:
        solid = [option for option in options if option.get("type") != "null"]
        empty = len(solid) < len(options)
        own = Draws(digest(self._key, name, candidate), b"null")
        if not solid or (empty and own.unit() < (_RATE_NULL if self._court else 0.1)):
            return None
        at = 0 if self._court else self._draws.below(len(solid))
        return self.value(solid[at], name, candidate, depth + 1)

    def _object(self, schema: Schema, candidate: int, depth: int) -> dict[str, Any]:
        properties: dict[str, Schema] = schema.get("properties") or {}
        found: dict[str, Any] = {
            name: self.value(part, name, self._about(name, candidate), depth + 1) for name, part in properties.items()
        }
        other: Any = schema.get("additionalProperties")
        if not isinstance(other, dict) or not other:
            other = _TEXT
        required: list[str] = schema.get("required") or []
        missing = [name for name in required if name not in found]
        more = int(schema.get("minProperties", 0)) - len(found) - len(missing)
        missing += [f"field_{at + 1}" for at in range(more)]
        for name in missing:
            found[name] = self.value(other, name, candidate, depth + 1)
        if not found and "properties" not in schema:
            found["text"] = self._author(self._draws, "", 256)
        self._agree(found, properties)
        return found

    def _about(self, name: str, candidate: int) -> int:
        """Which text a member named like a candidate is about (`answer_2`, `B`)."""
        if self._court is None or len(self._court.texts) < 2:
            return candidate
        match = re.fullmatch(r"(?:[a-z]+[ _-]?)?(\d{1,2}|[A-H])", name)
        if match is None:
            return candidate
        number = int(match[1]) - 1 if match[1].isdigit() else ord(match[1]) - ord("A")
        return number if 0 <= number < len(self._court.texts) else candidate

    def _agree(self, found: dict[str, Any], properties: dict[str, Schema]) -> None:
        """An `overall` asked for together with its aspects follows from them, as an honest judge's does."""
        part = properties.get("overall")
        if self._court is None or part is None or not isinstance(found["overall"], int | float):
            return
        shares = [
            1.0 - share if self._court.lower(name, str(properties[name].get("description", ""))) else share
            for name, value in found.items()
            if name != "overall" and (share := _share(self._number_part(properties[name]), value)) is not None
        ]
        if shares:
            share = sum(shares) / len(shares)
            if self._court.lower("overall", str(part.get("description", ""))):
                share = 1.0 - share
            found["overall"] = _scaled(self._number_part(part), share)

    def _number_part(self, schema: Schema) -> Schema:
        options: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or [schema]
        return next((option for option in options if option.get("type") in ("integer", "number", "boolean")), schema)

    def _array(self, schema: Schema, name: str, candidate: int, depth: int) -> list[Any]:
        items: Any = schema.get("items") or {}
        low, high = int(schema.get("minItems", 0)), schema.get("maxItems")
        item = self._resolved(cast("Schema", items)) if isinstance(items, dict) else {}
        if "enum" in item:
            return self._subset(item["enum"], schema, name, candidate)
        count = len(self._court.texts) if self._court else 2 + self._draws.below(3)
        count = max(low, min(count, int(high) if high is not None else max(count, low)))
        if self._court and _RANKING.search(name) and item.get("type") in ("integer", "string"):
            return self._ranking(item, count)
        found: list[Any] = []
        for at in range(count):
            about = at if self._court and len(self._court.texts) > 1 else candidate
            value = self.value(item or {"type": "string"}, name, about, depth + 1)
            if isinstance(value, dict):
                _label(value, item.get("properties") or {}, at)  # pyright: ignore[reportUnknownArgumentType] - JSON
            if schema.get("uniqueItems") and value in found:
                value = self._another(item, found, name)
            found.append(value)
        return found

    def _another(self, item: Schema, found: list[Any], name: str) -> Any:
        kind = item.get("type")
        if kind == "integer":
            low = math.ceil(_low(item))
            return next(low + at for at in range(len(found) + 1) if low + at not in found)
        value: Any = None
        for _ in range(64):
            value = self.value(item, name, 0, 1)
            if value not in found:
                break
        return value

    def _ranking(self, item: Schema, count: int) -> list[Any]:
        order = sorted(range(count), key=lambda at: -self._opinion(at, "overall"))
        if item.get("type") == "integer":
            return [at + int(item.get("minimum", 1)) for at in order]
        return [chr(ord("A") + at) for at in order]

    def _opinion(self, candidate: int, name: str) -> float:
        if self._court is None:
            return self._draws.unit()
        return self._court.opinion(candidate, name, self._model, self._key)

    def _share_of(self, schema: Schema, name: str, candidate: int) -> float:
        """Where on its scale a value lies, from 0 to 1."""
        share = self._opinion(candidate, name)
        if self._court and self._court.lower(name, str(schema.get("description", ""))):
            return 1.0 - share
        return share

    def _number(self, schema: Schema, name: str, candidate: int) -> int | float:
        if self._court and _NUMBER_OF.match(name) and "maximum" not in schema:
            return candidate + max(1, int(schema.get("minimum", 1)))
        return _scaled(schema, self._share_of(schema, name, candidate))

    def _boolean(self, schema: Schema, name: str, candidate: int) -> bool:
        return self._share_of(schema, name, candidate) >= (0.35 if self._court else 0.5)

    def _choice(self, schema: Schema, name: str, candidate: int) -> Any:
        options: list[Any] = schema["enum"]
        if self._court is None:
            return options[self._draws.below(len(options))]
        words = [str(option).strip().lower() for option in options]
        first = next((at for at, word in enumerate(words) if word in _FIRST), None)
        second = next((at for at, word in enumerate(words) if word in _SECOND), None)
        if len(self._court.texts) > 1 and first is not None and second is not None:
            ties = [at for at, word in enumerate(words) if word in _TIES]
            return options[self._winner(name, first, second, ties[0] if ties else None)]
        if all(isinstance(option, int | float) for option in options):
            ordered = sorted(options)
            return ordered[min(len(ordered) - 1, int(self._share_of(schema, name, candidate) * len(ordered)))]
        kept = [
            option for option, word in zip(options, words, strict=True) if word not in ("n/a", "na", "none")
        ] or options
        return kept[Draws(digest(self._key, name, candidate), b"choice").below(len(kept))]

    def _winner(self, name: str, first: int, second: int, tie: int | None) -> int:
        gap = self._opinion(0, name) - self._opinion(1, name)
        if tie is not None and abs(gap) < _TIE:
            return tie
        return first if gap >= 0 else second

    def _subset(self, options: list[Any], schema: Schema, name: str, candidate: int) -> list[Any]:
        """Categories that apply: the worse the text, the more of them."""
        own = Draws(digest(self._key, name, candidate), b"categories")
        rate = 0.6 * (1.0 - self._opinion(candidate, name)) / max(1.0, len(options) / 3) if self._court else 0.4
        found = [option for option in options if own.unit() < rate]
        for option in options:
            if len(found) >= int(schema.get("minItems", 0)):
                break
            if option not in found:
                found.append(option)
        while options and len(found) < min(_MAX_VALUES, int(schema.get("minItems", 0))):
            found.append(options[0])
        return found[: int(schema["maxItems"])] if "maxItems" in schema else found

    def _string(self, schema: Schema, name: str, candidate: int) -> str:
        low, high = int(schema.get("minLength", 0)), schema.get("maxLength")
        if self._court and len(self._court.texts) > 1 and _NUMBER_OF.match(name):
            text = chr(ord("A") + candidate) if candidate < 26 else str(candidate + 1)
        elif _REASON.search(name) and self._court:
            texts = self._court.texts
            text = rationale(
                self._draws, texts if not candidate and name == "rationale" else texts[candidate:][:1] or texts
            )
        else:
            text = self._author(self._draws, name, 160)
        if low > _MAX_LENGTH:
            raise ValueError(f"it asks for more than {_MAX_LENGTH} characters")
        while len(text) < low:
            text = f"{text} {text}" if text else "."
        return text[: int(high)] if high is not None else text


def _pointed(root: Schema, pointer: str) -> Schema:
    """What a JSON pointer leads to; an empty schema where it leads nowhere."""
    target: Any = root
    for part in filter(None, pointer.split("/")):
        if not isinstance(target, dict):
            break
        target = cast("Schema", target).get(part.replace("~1", "/").replace("~0", "~"))
    return cast("Schema", target) if isinstance(target, dict) else {}


def _low(schema: Schema) -> float:
    low = float(schema.get("minimum", 0.0 if float(schema.get("maximum", 1.0)) >= 0 else float(schema["maximum"]) - 10))
    if "exclusiveMinimum" in schema:
        low = max(low if "minimum" in schema else -math.inf, float(schema["exclusiveMinimum"]) + _step(schema))
    return low


def _step(schema: Schema) -> float:
    return 1.0 if schema.get("type") == "integer" else 1e-6


def _scaled(schema: Schema, share: float) -> int | float:
    low = _low(schema)
    high = float(schema.get("maximum", math.inf))
    if "exclusiveMaximum" in schema:
        high = min(high, float(schema["exclusiveMaximum"]) - _step(schema))
    if high == math.inf:
        high = low + 100
    multiple = schema.get("multipleOf")
    if schema.get("type") == "integer" and multiple is None:
        low, high = math.ceil(low), math.floor(high)
        return min(high, low + int(share * (high - low + 1)))
    value = low + share * (high - low)
    if multiple:
        value = max(math.ceil(low / multiple), min(math.floor(high / multiple), round(value / multiple))) * multiple
        return int(value) if schema.get("type") == "integer" else value
    return max(low, min(high, round(value, 3)))


def _share(schema: Schema, value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, int | float):
        return None
    low, high = float(schema.get("minimum", 0)), float(schema.get("maximum", 1))
    return (value - low) / (high - low) if high > low else 1.0


def _label(entry: dict[str, Any], properties: dict[str, Schema], at: int) -> None:
    """Number an entry of a list about several texts."""
    for name, part in properties.items():
        if _NUMBER_OF.match(name) and "enum" not in part and part.get("type") == "integer":
            entry[name] = min(at + max(1, int(part.get("minimum", 1))), int(part.get("maximum", at + 1 + 1_000)))
            return


_GOOD_STEPS = ("It works through the task in {n} numbered steps.", "{n} steps lead to the result, one after the other.")
_NO_STEPS = ("It shows no worked steps.", "The reasoning is not laid out in steps.")
_WRONG = ("{n} of its sums do not come out.", "Checking the sums finds {n} that are wrong.")
_RIGHT = ("The sums are right.", "The arithmetic holds where it was checked.")
_HEDGED = ("It hedges where it should commit.", "Parts are left open with a shrug.")
_REPEATED = ("A sentence comes twice.", "It repeats itself.")
_BRIEF = ("It is brief for what was asked.", "More could have been said.")
_SOUND = ("It stays with the subject and closes the thought.", "The text is complete and readable.")
_NUMBERED = re.compile(r"\{n\}")


def rationale(draws: Draws, texts: Sequence[str]) -> str:
    """Two to four sentences for each text (at most three texts)."""
    if len(texts) == 1:
        return " ".join(_about(draws, texts[0]))
    return " ".join(f"{chr(ord('A') + at)}: {' '.join(_about(draws, text)[:2])}" for at, text in enumerate(texts[:3]))


def _about(draws: Draws, text: str) -> list[str]:
    seen = features(text)
    found = [_say(draws, _GOOD_STEPS, seen.steps) if seen.steps > 1 else _say(draws, _NO_STEPS, 0)]
    if seen.sums:
        found.append(_say(draws, _WRONG, seen.wrong) if seen.wrong else _say(draws, _RIGHT, 0))
    if seen.hedges:
        found.append(_say(draws, _HEDGED, 0))
    if seen.repeated > 0:
        found.append(_say(draws, _REPEATED, 0))
    if len(found) < 2:
        found.append(_say(draws, _SOUND if seen.size > 400 else _BRIEF, 0))
    return found[:4]


def _say(draws: Draws, forms: tuple[str, ...], number: int) -> str:
    return _NUMBERED.sub(str(number), draws.pick(forms))
