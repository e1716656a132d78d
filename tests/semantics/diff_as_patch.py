"""A difference read as a patch: the earlier spec with what `diff` says put in is the later spec, in words of a spec."""

import re

from tapc.frontend.show import statements
from tapc.ir import Dataset
from tapc.kinds.declared import REGISTRY
from tapc.plan import name_of, plain, worded
from tapc.syntax import lexemes

_IR_ONLY = {
    "for_step", "prompt_of", "timeout_seconds", "requests_per_minute", "tokens_per_minute", "minimum", "maximum",
    "chosen_of", "rejected_of", "margin_at_most", "within_drawn", "best_of", "long", "definition_text", "sampling",
    "endpoints", "per_run", "total", "floor", "share", "value", "kind", "urls", "headers", "per_candidate", "anchors",
}  # fmt: skip
"""Names of fields of the IR that no spec has, `kind` of `score` apart."""

_FRACTION = re.compile(r"(?<![\w./$])\d+/\d+")
_WORDS_OF_MACHINES = re.compile(r"\b(null|None|True|False)\b|\{'|\{\"|Fraction|\\u00")


def said(dataset):
    """Statements as nested (head, value, parts) lists."""
    return [_plainly(one) for one in statements(dataset, REGISTRY)]


def _plainly(one):
    return [one.head, one.value, [_plainly(part) for part in one.parts]]


def written(tree, depth=0):
    lines = []
    for head, value, parts in tree:
        text = f"{'  ' * depth}{head} {value}".rstrip()
        lines += [f"{text} {{", *written(parts, depth + 1), "  " * depth + "}"] if parts else [text]
    return lines


def names(field):
    """The names of a dotted field; a dot in quotes belongs to a name."""
    found, start = [], 0
    for token in lexemes(field):
        if token.text == ".":
            found.append(field[start : token.span.start])
            start = token.span.end
    return [*found, field[start:]] if field else []


def patched(before: Dataset, after: Dataset, found) -> str:
    """The earlier dataset, changed as the differences say, as a spec; whole declarations are taken from the later."""
    tree, later = said(before), {one[0]: one for one in said(after)}
    for one in found:
        if one.field == "" and one.owner != "dataset":
            tree = [part for part in tree if part[0] not in (one.owner, one.before)]
            tree += [later[one.owner]] if one.after is not None else []
            continue
        path = names(one.field) or [one.owner]
        around = [tree]
        for name in ([] if one.owner == "dataset" else [one.owner]) + path[:-1]:
            around.append(_block(around[-1], name)[2])
        apart = any(other.owner == one.owner and other.field.startswith(f"{one.field}.") for other in found)
        _put(around, path[-1], one, later=_inside(said(after), one), apart=apart)
    body = [line for line in written(tree, 1) if not line.startswith("  dataset ")]
    name = next(value for head, value, _ in tree if head == "dataset")
    return "\n".join(["tap 1", f"dataset {name} {{", *body, "}", ""])


def _inside(tree, one):
    """The block around a statement in the later dataset; empty where there is none."""
    for name in ([] if one.owner == "dataset" else [one.owner]) + names(one.field)[:-1]:
        tree = next((part[2] for part in tree if part[0] == name), [])
    return tree


def _block(inner, name):
    found = next((part for part in inner if part[0] == name), None)
    if found is None:
        found = [name, "", []]
        inner.append(found)
    return found


def _put(around, head, one, *, later, apart):
    """Change, add or remove a statement; `apart` where other differences say what is in its block."""
    inner = around[-1]
    place = next((n for n, part in enumerate(inner) if part[0] == head and part[1] == (one.before or "")), None)
    if one.after is not None and place is not None:
        inner[place][1] = one.after
    elif one.after is not None:
        where = next(n for n, part in enumerate(later) if part[0] == head and part[1] == one.after)
        inner.insert(where, [head, one.after, [] if apart else later[where][2]])
    elif apart:  # `price free` that becomes `price { … }`
        inner[place][1] = ""
    else:
        del inner[place]
        for block, within in zip(reversed(around[:-1]), reversed(around[1:]), strict=True):
            if not within:  # a block goes with the last statement in it, unless it is a node
                block[:] = [part for part in block if part[2] is not within or part[1] or part[0].startswith("emit ")]


def assert_in_words(found):
    """Every line is in the words of a spec: no names of the IR, no fractions, nothing of JSON or Python."""
    for one in found:
        name = name_of(one.owner, one.field)
        line = f"{name} {plain(worded(one.before, one.after, one.default))}"
        heads = {word for part in names(one.field) for word in part.split(" ")[:1]}
        assert not heads & (
            _IR_ONLY - ({"kind"} if one.owner.startswith("score ") else {"share"} if one.owner == "expect" else set())
        ), line
        outside = re.sub(r'"[^"]*"', '""', f"{one.before} {one.after}".replace("None", ""))
        assert not _FRACTION.search(outside), line
        assert not _WORDS_OF_MACHINES.search(line), line
        assert "\n" not in line
