"""A dataset after composition, as a spec, with the place each line comes from."""

import json
from collections.abc import Iterator

import msgspec

from tapc.ir import Condition, Described, Mix, Share, Space, Taxonomy, TaxonomyNode
from tapc.semantics.compiling import Compiled
from tapc.semantics.compose import Arg, Item
from tapc.semantics.report import Place
from tapc.syntax.nodes import Call, Comparison, List, Number, Path, Quoted, Text
from tapc.syntax.nodes import Name as NameNode

_INDENT = "  "
_LAST = ("emit", "accept", "reserve", "budget", "card", "meta")


class Line(msgspec.Struct, frozen=True):
    """One line of the composed spec; origin is None for lines that stand nowhere, such as closing braces."""

    text: str
    origin: Place | None


def show(compiled: Compiled) -> list[Line]:
    """The chosen dataset as one spec without imports, params, pipelines or copies; empty where there is none."""
    composed, dataset = compiled.composed, compiled.dataset
    if composed is None or dataset is None:
        return []
    lines = [Line("tap 1", None), Line("", None), Line(f"dataset {_name(composed.name)} {{", composed.place)]
    first = [item for item in composed.items if item.head in ("samples", "seed")]
    last = [item for item in composed.items if item.head in _LAST]
    middle = [item for item in composed.items if item not in first and item not in last]
    for item in first:
        lines += _item(item, 1)
    lines += _space(dataset.space, compiled)
    for item in (*middle, *sorted(last, key=lambda one: _LAST.index(one.head))):
        lines += _item(item, 1)
    declared = {item.name for item in composed.items}
    for endpoint in dataset.endpoints:
        if endpoint.name not in declared:  # used straight from the file or an import
            lines.append(Line(f"{_INDENT}// endpoint {endpoint.name}: declared outside the dataset", None))
    return [*lines, Line("}", None)]


def _item(item: Item, depth: int) -> Iterator[Line]:
    pad = _INDENT * depth
    words = [item.head if isinstance(item.entry.head, NameNode) else _quoted(item.head)]
    words += [_value(arg, depth) for arg in item.args]
    text = " ".join(words)
    if item.definition is not None:
        text += ": " + _value(item.definition, depth)
    parts = [Line(part, item.place) for part in (pad + text).split("\n")]
    if item.children is None:
        yield from parts
        return
    yield from parts[:-1]
    yield Line(parts[-1].text + " {", item.place)
    for child in item.children:
        yield from _item(child, depth + 1)
    yield Line(pad + "}", None)


def _value(arg: Arg, depth: int) -> str:  # noqa: PLR0911 - one form a kind of value
    """A value with params and arguments replaced by what they stand for."""
    arg = arg.follow()
    value = arg.value
    match value:
        case Path(parts=parts):
            return ".".join(_quoted(part.text) if isinstance(part, Quoted) else part.text for part in parts)
        case Quoted(text=text):
            return _quoted(text)
        case Number(text=text):
            return text
        case List(items=items):
            return "[" + ", ".join(_value(Arg(item, arg.scope), depth) for item in items) + "]"
        case Call(name=name, arguments=arguments):
            return f"{name.text}({', '.join(_value(Arg(one, arg.scope), depth) for one in arguments)})"
        case Comparison(operator=operator):
            return f"{operator} {_value(Arg(value.value, arg.scope), depth)}"
        case Text(text=text):
            pad = _INDENT * (depth + 1)
            body = "\n".join(pad + line if line else "" for line in text.split("\n"))
            return f'"""\n{body}\n{pad}"""'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _name(name: str) -> str:
    plain = name.replace("-", "_").replace("_", "a")
    return name if plain.isalnum() and not name[0].isdigit() and not name.endswith("-") else _quoted(name)


def _space(space: Space, compiled: Compiled) -> Iterator[Line]:
    if space.taxonomy is not None:
        yield from _axis(space.taxonomy, compiled)
    for mix in space.mixes:
        yield from _axis(mix, compiled)
    for rule in space.rules:
        shares = ", ".join(f"{_name(name)} {_share(share)}".strip() for name, share in rule.shares)
        yield Line(f"{_INDENT}when {_condition(rule.condition)} {{ mix {_name(rule.mix)} {{ {shares} }} }}", None)
    for out in space.exclusions:
        values = ", ".join(map(_name, out.values))
        when = f" when {_condition(out.condition)}" if out.condition is not None else ""
        yield Line(f"{_INDENT}exclude {_name(out.mix)} in [{values}]{when}", None)


def _condition(condition: Condition) -> str:
    tests = (
        f"{_name(t.axis)} in [{', '.join('.'.join(map(_name, v.split('.'))) for v in t.values)}]"
        for t in condition.tests
    )
    return " and ".join(tests)


def _axis(axis: Taxonomy | Mix, compiled: Compiled) -> Iterator[Line]:
    kind, children = ("taxonomy", axis.children) if isinstance(axis, Taxonomy) else ("mix", axis.values)
    path = f"{kind}.{axis.name}"
    per = " per candidate" if isinstance(axis, Mix) and axis.per_candidate else ""
    yield Line(f"{_INDENT}{kind} {_name(axis.name)}{per} {{", compiled.origins.get(path))
    yield from _described(axis, 2, compiled.origins.get(path))
    for child in children:
        yield from _node(child, 2, f"{path}.{child.name}", compiled)
    yield Line(f"{_INDENT}}}", None)


def _node(node: Described, depth: int, path: str, compiled: Compiled) -> Iterator[Line]:
    pad, origin = _INDENT * depth, compiled.origins.get(path)
    share: Share = getattr(node, "share", Share.trusted())
    children: tuple[TaxonomyNode, ...] = getattr(node, "children", ())
    text = f"{pad}{_name(node.name)} {_share(share)}".rstrip()
    inner = [*_described(node, depth + 1, origin)]
    for child in children:
        inner += _node(child, depth + 1, f"{path}.{child.name}", compiled)
    if not inner:
        yield Line(text, origin)
        return
    yield Line(text + " {", origin)
    yield from inner
    yield Line(pad + "}", None)


def _described(node: Described, depth: int, origin: Place | None) -> Iterator[Line]:
    pad = _INDENT * depth
    if node.title is not None:
        yield Line(f"{pad}title {_quoted(node.title)}", origin)
    if node.definition is not None:
        yield Line(f"{pad}definition {_quoted(node.definition)}", origin)
    for key, text in node.notes:
        yield Line(f"{pad}note {_name(key)} {_quoted(text)}", origin)
    for example in node.examples:
        fields = ", ".join(f"{_name(key)} {_quoted(text)}" for key, text in example.fields)
        yield Line(f"{pad}example {{ {fields} }}", origin)


def _share(share: Share) -> str:
    value = share.value * 100 if share.kind == "percent" else share.value
    number = str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"
    words = {"percent": f"{number}%", "count": f"count {number}", "weight": "" if value == 1 else number}[share.kind]
    bounds = [f"at_least {share.at_least}"] * (share.at_least is not None)
    bounds += [f"at_most {share.at_most}"] * (share.at_most is not None)
    return " ".join(part for part in (words, *bounds) if part)
