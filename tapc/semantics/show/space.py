"""Taxonomy, mixes, rules and exclusions."""

from tapc.ir import (
    Condition,
    Described,
    Exclusion,
    Mix,
    MixRule,
    MixValue,
    Moved,
    Share,
    Space,
    Taxonomy,
    TaxonomyNode,
    as_written,
)
from tapc.semantics.page import Page, number, percent
from tapc.syntax import quote, write_entry, write_name, write_path

_PER_CANDIDATE = " per candidate"
_Children = tuple[TaxonomyNode | MixValue, ...]


def space(given: Space, page: Page) -> None:
    """All of the sample space."""
    if given.taxonomy is not None:
        _axis(f"taxonomy {_axis_name(given.taxonomy.name)}", given.taxonomy, given.taxonomy.children, page)
    for mix in as_written(given.mixes):
        per = _PER_CANDIDATE if mix.per_candidate else ""
        _axis(f"mix {_axis_name(mix.name)}{per}", mix, mix.values, page)
    for n, rule in enumerate(given.rules):
        _rule(rule, given, f"rule.{n}", page)
    for n, exclusion in enumerate(given.exclusions):
        page.gap()
        text = _exclusion(exclusion, given)
        page.put(text, f"exclusion.{n}", text)
    if given.moved:
        page.gap()
    for n, line in enumerate(given.moved or ()):
        text = moved(line)
        page.put(text, f"moved.{n}", text)


def moved(line: Moved) -> str:
    """A rename as a spec says it."""
    return f"moved {write_path(line.old)} = {write_path(line.new)}"


def _axis_name(name: str) -> str:
    return write_name(name)


def _axis(head: str, axis: Taxonomy | Mix, children: _Children, page: Page) -> None:
    path = f"{'mix' if isinstance(axis, Mix) else 'taxonomy'}.{axis.name}"
    page.gap()
    with page.block(head, path, head.removesuffix(_PER_CANDIDATE)):
        if axis.title is not None:
            page.put(f"title {quote(axis.title)}", path)
        if axis.definition is not None:
            page.put(f"definition {quote(axis.definition)}", path)
        _attributes(axis, path, page)
        for child in as_written(children):
            _node(child, f"{path}.{child.name}", page)


def _node(node: TaxonomyNode | MixValue, path: str, page: Page) -> None:
    name = write_entry(node.name)
    words = [name, share(node.share), "" if node.title is None else quote(node.title)]
    text = " ".join(word for word in words if word)
    long = [f"{name} {share(node.share, spelled=True)}"]
    if node.title is not None:
        long.append(f"title {quote(node.title)}")
    if node.definition is not None:
        text += f": {quote(node.definition)}"
        long.append(f"definition {quote(node.definition)}")
    children: tuple[TaxonomyNode, ...] = node.children if isinstance(node, TaxonomyNode) else ()
    if not (children or node.notes or node.examples):
        page.put(text, path, long=long)
        return
    with page.block(text, path, long=long):
        _attributes(node, path, page)
        for child in as_written(children):
            _node(child, f"{path}.{child.name}", page)


def _attributes(node: Described, path: str, page: Page) -> None:
    for key, text in node.notes:
        page.put(f"note {write_name(key)} {quote(text)}", path, f"note {write_name(key)}")
    for example in node.examples:
        with page.block("example", path):
            for key, text in example.fields:
                page.put(f"{write_entry(key)} {quote(text)}", path)


def share(given: Share, *, spelled: bool = False) -> str:
    """A share in the syntax of a spec; empty for the default share, unless it is to be spelled out."""
    bounds = [] if given.at_least is None else [f"at_least {given.at_least}"]
    bounds += [] if given.at_most is None else [f"at_most {given.at_most}"]
    if given.kind == "percent":
        return " ".join([percent(given.value), *bounds])
    if given.kind == "count":
        return " ".join([f"count {number(given.value)}", *bounds])
    unsaid = given.value == 1 and not spelled
    return " ".join([*([] if unsaid else [number(given.value)]), *bounds])


def _rule(rule: MixRule, given: Space, path: str, page: Page) -> None:
    page.gap()
    when, mix = f"when {_condition(rule.condition, given)}", f"mix {write_name(rule.mix)}"
    with page.block(when, path, when), page.block(mix, path, mix):
        order = given.ends(rule.mix)
        for name, part in sorted(rule.shares, key=lambda pair: order.index(pair[0])):
            word = write_entry(name)
            page.put(f"{word} {share(part)}".rstrip(), path, long=(f"{word} {share(part, spelled=True)}",))


def _exclusion(exclusion: Exclusion, given: Space) -> str:
    text = f"exclude {_test(exclusion.mix, exclusion.values, given)}"
    return text if exclusion.condition is None else f"{text} when {_condition(exclusion.condition, given)}"


def _condition(condition: Condition, given: Space) -> str:
    return " and ".join(_test(test.axis, test.values, given) for test in condition.tests)


def _test(axis: str, values: tuple[str, ...], given: Space) -> str:
    tree = given.taxonomy if given.taxonomy is not None and given.taxonomy.name == axis else None
    written = [write_path([value] if tree is None else _steps(tree, value)) for value in values]
    name = write_path([axis])
    if len(written) > 1:
        return f"{name} in [{', '.join(written)}]"
    return f"{name} {'=' if tree is None else 'in'} {written[0]}"


def _steps(tree: Taxonomy, dotted: str) -> list[str]:
    """The names on the way to a node; a name may itself have dots."""
    found: list[str] = []
    level, rest = tree.children, dotted
    while rest:
        node = next(child for child in level if rest == child.name or rest.startswith(f"{child.name}."))
        found.append(node.name)
        level, rest = node.children, rest[len(node.name) + 1 :]
    return found
