"""Differences between two datasets, and how severe each is."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import msgspec

from tapc.ir import PICO, Dataset
from tapc.plan.diff.document import Change, Severity, Slots
from tapc.plan.diff.jobs import JobsCompared

_LONGEST = 160
_ENCODER = msgspec.json.Encoder(order="sorted")
_RATES = ("price.input", "price.output", "price.cached_input", "price.cache_write")
_SHARES = ("price.batch", "price.flex", "price.priority")
_MILLION = 10**6
"""Picodollars per token that make one dollar per million tokens."""

_SETTINGS = frozenset({"name", "budget", "card", "meta", "expect_tokens"})
_SENT_BY_ENDPOINT = frozenset({"model", "revision", "identity", "sampling", "thinking", "token_field"})
_DESCRIPTIONS = frozenset({"title", "definition", "notes", "examples", "language"})

_Field = tuple[str, str]
"""The owner and the field."""


class _Difference(msgspec.Struct, frozen=True):
    """A field that differs; None if it does not exist on that side."""

    what: str
    field: str
    before: Any
    after: Any


def find_changes(before: Dataset, after: Dataset, slots: Slots, jobs: JobsCompared) -> list[Change]:
    """All differences between two datasets.

    Args:
        before: the earlier dataset.
        after: the later one.
        slots: comparison of slots.
        jobs: comparison of keys.
    """
    names = jobs.renamed | _renamed_endpoints(before, after)
    judge = _Severities(before, after, slots, jobs)
    found = [
        _change(part, severity)
        for difference in _differences(_fields(before, names), _fields(after, {}))
        for severity in (judge.of(difference),)
        for part in _parted(difference)
    ]
    found += [_renaming("step", a, b) for a, b in jobs.renamed.items()]
    found += [_renaming("endpoint", a, b) for a, b in names.items() if a not in jobs.renamed]
    return found


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes by falling effect."""
    order = ("regenerate", "extend", "refilter", "settings", "none")
    return sorted(changes, key=lambda c: (order.index(c.severity), c.what, c.field))


def _renaming(kind: str, old: str, new: str) -> Change:
    return Change(what=f"{kind} {old}", field="name", severity="settings", before=old, after=new)


def _renamed_endpoints(before: Dataset, after: Dataset) -> dict[str, str]:
    old = {e.name: e for e in before.endpoints if e.name not in {x.name for x in after.endpoints}}
    new = {e.name: e for e in after.endpoints if e.name not in {x.name for x in before.endpoints}}
    found: dict[str, str] = {}
    for name, endpoint in old.items():
        for other, candidate in new.items():
            if other not in found.values() and candidate.model_copy(update={"name": name}) == endpoint:
                found[name] = other
                break
    return found


def differences(before: Dataset, after: Dataset) -> list[tuple[str, str, str | None, str | None]]:
    """All differences between two datasets, by owner and field, shortened; independent of their effect on jobs."""
    found = (part for d in _differences(_fields(before, {}), _fields(after, {})) for part in _parted(d))
    return [(d.what, d.field, _short(d.field, d.before), _short(d.field, d.after)) for d in found]


class _Values(msgspec.Struct, frozen=True):
    """The value of a field, and the value with names replaced."""

    plain: Any
    renamed: Any


def _fields(dataset: Dataset, names: Mapping[str, str]) -> dict[_Field, _Values]:
    """Every field of a dataset by its owner."""
    rename = _renamer(names)
    return {(_rename_what(w, names), f): _Values(v, rename(v)) for (w, f), v in _walk(dataset)}


def _rename_what(what: str, names: Mapping[str, str]) -> str:
    kind, _, name = what.partition(" ")
    return f"{kind} {names[name]}" if kind in ("step", "endpoint") and name in names else what


def _renamer(names: Mapping[str, str]) -> Callable[[Any], Any]:
    """Replaces whole words that are names of renamed objects."""
    if not names:
        return _same
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?![\w-])")

    def rename(value: Any) -> Any:
        text = _ENCODER.encode(value).decode()
        return msgspec.json.decode(word.sub(lambda m: names[m[1]], text))

    return rename


def _same(value: Any) -> Any:
    return value


def _walk(dataset: Dataset) -> Iterator[tuple[_Field, Any]]:
    whole = dataset.model_dump(mode="json", exclude_none=True)
    for field in ("name", "samples", "seed", "accept", "reserve", "budget", "card", "meta"):
        yield ("dataset", field), whole.get(field)
    for kind, part in (("endpoint", "endpoints"), ("step", "steps"), ("emit", "emits")):
        for row in cast("list[dict[str, Any]]", whole[part]):
            for field, value in row.items():
                if field != "name":
                    yield (f"{kind} {row['name']}", field), _without_reads(value)
    space = cast("dict[str, Any]", whole["space"])
    taxonomy = space.get("taxonomy")
    if taxonomy:
        yield from _node(f"taxonomy {taxonomy['name']}", taxonomy)
        yield from _nodes(taxonomy["name"], taxonomy["children"], "")
    for mix in space["mixes"]:
        yield from _node(f"mix {mix['name']}", mix)
        for value in mix["values"]:
            yield from _node(f"{mix['name']} {value['name']}", value)
    for field in ("rules", "exclusions"):
        yield ("space", field), space[field]


def _nodes(axis: str, children: list[dict[str, Any]], above: str) -> Iterator[tuple[_Field, Any]]:
    for child in children:
        path = f"{above}{child['name']}"
        yield from _node(f"{axis} {path}", child)
        yield from _nodes(axis, child["children"], f"{path}.")


def _node(what: str, node: Mapping[str, Any]) -> Iterator[tuple[_Field, Any]]:
    for field, value in node.items():
        if field not in ("name", "children", "values"):
            yield (what, field), value


def _without_reads(value: Any) -> Any:
    """Templates without `reads`, which follow from their text."""
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        if parts.keys() == {"text", "reads"}:
            return parts["text"]
        return {name: _without_reads(part) for name, part in parts.items()}
    if isinstance(value, list):
        return [_without_reads(part) for part in cast("list[Any]", value)]
    return value


def _differences(old: Mapping[_Field, _Values], new: Mapping[_Field, _Values]) -> Iterator[_Difference]:
    contents_old, contents_new = _contents(old), _contents(new)
    both = contents_old.keys() & contents_new.keys()
    for what in sorted(contents_old.keys() ^ contents_new.keys()):
        yield _Difference(what, "", contents_old.get(what), contents_new.get(what))
    for field in sorted(key for key in old.keys() | new.keys() if key[0] in both):
        a, b = old.get(field), new.get(field)
        before, after = a.plain if a else None, b.plain if b else None
        if after not in (before, a.renamed if a else None):
            yield _Difference(*field, before, after)


def _contents(fields: Mapping[_Field, _Values]) -> dict[str, dict[str, Any]]:
    """The fields of each object that has any."""
    found: dict[str, dict[str, Any]] = {}
    for (what, field), values in fields.items():
        found.setdefault(what, {})[field] = values.plain
    return found


class _Severities:
    """Decides severities by the table; for fields that can change requests, by the keys."""

    def __init__(self, before: Dataset, after: Dataset, slots: Slots, jobs: JobsCompared) -> None:
        self._slots = slots
        self._jobs = jobs
        self._asked = {s.name: s.asked for s in (*before.steps, *after.steps)}
        self._later = {b: a for a, b in jobs.renamed.items()}
        self._users: dict[str, set[str]] = {}
        for step in (*before.steps, *after.steps):
            for name in step.endpoints():
                self._users.setdefault(name, set()).add(step.name)

    def of(self, difference: _Difference) -> Severity:
        """The severity of a difference."""
        kind, _, name = difference.what.partition(" ")
        if kind == "dataset":
            return self._of_dataset(difference.field)
        if kind == "endpoint":
            sent = difference.field in _SENT_BY_ENDPOINT
            return self._by_keys(self._users.get(name, set()), "settings") if sent else "settings"
        if kind == "step":
            return self._of_step(difference, name)
        if kind == "emit":
            return "refilter"
        if difference.field in _DESCRIPTIONS:
            return self._by_keys(set(self._asked), "settings")
        return self._counted()

    def _of_dataset(self, field: str) -> Severity:
        if field in _SETTINGS:
            return "settings"
        if field == "samples":
            return self._counted()
        return self._by_keys(set(self._asked), "settings") if field == "seed" else "refilter"

    def _of_step(self, difference: _Difference, name: str) -> Severity:
        if difference.field == "":
            return "extend" if difference.after is not None and self._asked[name] else "refilter"
        if difference.field in _SETTINGS:
            return "settings"
        if difference.field in self._asked[name]:
            return self._by_keys({name}, "refilter" if difference.field in ("rubric", "of") else "settings")
        return "refilter"

    def _counted(self) -> Severity:
        if self._slots.added:
            return "extend"
        return "refilter" if self._slots.dropped else "settings"

    def _by_keys(self, steps: set[str], otherwise: Severity) -> Severity:
        earlier = steps | {self._later[s] for s in steps if s in self._later}
        if earlier & self._jobs.lost:
            return "regenerate"
        return "extend" if steps & self._jobs.gained else otherwise


def _parted(difference: _Difference) -> Iterator[_Difference]:
    """The difference of two objects as differences of their members, such as `price.input`."""
    before, after = difference.before, difference.after
    if not difference.field or not isinstance(before, dict) or not isinstance(after, dict):
        yield difference
        return
    old, new = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            part = _Difference(difference.what, f"{difference.field}.{name}", old.get(name), new.get(name))
            yield from _parted(part)


def _change(difference: _Difference, severity: Severity) -> Change:
    return Change(
        what=difference.what,
        field=difference.field,
        severity=severity,
        before=_short(difference.field, difference.before),
        after=_short(difference.field, difference.after),
    )


def _rate(value: int) -> str:
    return f"${Decimal(value) / _MILLION:f}/M"


def _above(long: dict[str, int]) -> str:
    """Prices above a length, in the syntax of a spec."""
    return f"above {long['above']:,}: " + " ".join(
        f"{name} {_rate(value)}" for name, value in long.items() if name != "above"
    )


def _short(field: str, value: Any) -> str | None:
    """A value for people, with a limited number of characters."""
    if value is None:
        return None
    if isinstance(value, int) and field in _RATES:
        return _rate(value)
    if isinstance(value, list) and field == "price.long":
        return ", ".join(map(_above, cast("list[dict[str, int]]", value)))
    if isinstance(value, str) and field in _SHARES:
        return f"{float(Fraction(value) * 100):g}%"
    if isinstance(value, int) and field.startswith("budget.") and field.endswith(".cost"):
        return f"${Decimal(value) / PICO:f}"
    text = value if isinstance(value, str) else _ENCODER.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
