"""The sample space: one taxonomy, mixes, and rules between them.

Canonical: children, values, rules and exclusions are sorted by name, so that order in the text does not matter. The
order in which a spec has them is kept in `place`, for people alone: it is in no digest and makes no two models differ.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeVar

from tapc.ir.base import Frozen, Placed, as_written
from tapc.ir.exact import Ratio

_T = TypeVar("_T")


class Share(Frozen):
    """The share of a node or value.

    Attributes:
        kind: `percent` of the parent (value 0..1), `weight` among siblings, or `count` (an exact number).
        value: exact value; 1 for the weight of a sibling without a share.
        at_least, at_most: bounds in samples; the difference they make is spread over the siblings by weight.
    """

    kind: Literal["percent", "weight", "count"] = "weight"
    value: Ratio = Fraction(1)
    at_least: int | None = None
    at_most: int | None = None


class Example(Frozen):
    """A few-shot seed: named texts such as question and answer, sorted by name."""

    fields: tuple[tuple[str, str], ...]


class Described(Placed):
    """Fields that nodes and mix values share.

    Attributes:
        name: identity among siblings.
        title: text for people and prompts; not inherited.
        definition, notes, examples: inherited down the tree; notes are (key, text), sorted.
    """

    title: str | None = None
    definition: str | None = None
    notes: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()


class TaxonomyNode(Described):
    """A node; a leaf has no children."""

    share: Share = Share.trusted()
    children: tuple["TaxonomyNode", ...] = ()


class Taxonomy(Described):
    """The tree. `name` is the axis; attributes on it are inherited by every node."""

    children: tuple[TaxonomyNode, ...]


class Language(Frozen):
    """A BCP-47 tag and the attributes of the language that templates read."""

    tag: str
    name: str
    endonym: str
    script: str
    direction: Literal["ltr", "rtl"]


class MixValue(Described):
    """One value of a mix; `language` is set on values of the mix named `language`."""

    share: Share = Share.trusted()
    language: Language | None = None


class Mix(Described):
    """A categorical axis. Those that are `per_candidate` are drawn for each candidate instead of each slot."""

    values: tuple[MixValue, ...]
    per_candidate: bool = False


class Test(Frozen):
    """Membership in a set of values: mix values by name, taxonomy nodes by dotted path (including their subtrees)."""

    axis: str
    values: tuple[str, ...]


class Condition(Frozen):
    """Tests that must all hold, at most one per axis, sorted by axis."""

    tests: tuple[Test, ...]


class MixRule(Frozen):
    """`when CONDITION { mix … }`: shares that replace those of a mix; values without a share get 0."""

    condition: Condition
    mix: str
    shares: tuple[tuple[str, Share], ...]


class Exclusion(Frozen):
    """Values of one mix that must not occur (if the condition holds); the other values take their share."""

    mix: str
    values: tuple[str, ...]
    condition: Condition | None = None


class Moved(Frozen):
    """`moved old = new`: an axis, a node or a value that had another name: the axis, then names below it."""

    old: tuple[str, ...]
    new: tuple[str, ...]


class Space(Frozen):
    """Everything that decides cell counts, except the number of samples.

    Attributes:
        moved: what was renamed, sorted by new name; None if nothing was. See `tapc.ir.names`.
    """

    taxonomy: Taxonomy | None = None
    mixes: tuple[Mix, ...] = ()
    rules: tuple[MixRule, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    moved: tuple[Moved, ...] | None = None

    def ends(self, axis: str) -> tuple[str, ...]:
        """Names of all values of a mix, or dotted paths of all leaves of the taxonomy, in the order of the spec."""
        if self.taxonomy is not None and self.taxonomy.name == axis:
            return tuple(path for path, node in _paths(self.taxonomy.children, "") if not node.children)
        return tuple(value.name for mix in self.mixes if mix.name == axis for value in as_written(mix.values))

    def names(self) -> dict[str, list[str]]:
        """Every axis with the names on it, in the order of the spec; a taxonomy's are dotted, each below its parent."""
        found: dict[str, list[str]] = {}
        if self.taxonomy is not None:
            found[self.taxonomy.name] = [path for path, _ in _paths(self.taxonomy.children, "")]
        for mix in as_written(self.mixes):
            found[mix.name] = [value.name for value in as_written(mix.values)]
        return found

    def ordered(self, rows: Mapping[str, Mapping[str, _T]]) -> dict[str, dict[str, _T]]:
        """Something by axis and name, in the order of the spec; names that it does not have come last."""
        names = self.names()
        found: dict[str, dict[str, _T]] = {}
        for axis in (axis for axis in dict.fromkeys((*names, *rows)) if axis in rows):
            of_axis = rows[axis]
            order = dict.fromkeys((*names.get(axis, ()), *of_axis))
            found[axis] = {name: of_axis[name] for name in order if name in of_axis}
        return found


def _paths(nodes: Iterable[TaxonomyNode], above: str) -> Iterator[tuple[str, TaxonomyNode]]:
    for node in as_written(nodes):
        path = above + node.name
        yield path, node
        yield from _paths(node.children, f"{path}.")
