"""The sample space: one taxonomy, mixes, and rules between them.

Canonical: children, values, rules and exclusions are sorted by name, so that order in the text does not matter.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from tapc.ir.base import Frozen
from tapc.ir.exact import Ratio


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


class Described(Frozen):
    """Fields that nodes and mix values share.

    Attributes:
        name: identity among siblings.
        title: text for people and prompts; not inherited.
        definition, notes, examples: inherited down the tree; notes are (key, text), sorted.
    """

    name: str
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
        """Names of all values of a mix, or dotted paths of all leaves of the taxonomy, in order."""
        if self.taxonomy is not None and self.taxonomy.name == axis:
            return tuple(_leaves(self.taxonomy.children, ""))
        return tuple(value.name for mix in self.mixes if mix.name == axis for value in mix.values)


def _leaves(children: tuple[TaxonomyNode, ...], above: str) -> Iterator[str]:
    for child in children:
        if child.children:
            yield from _leaves(child.children, f"{above}{child.name}.")
        else:
            yield f"{above}{child.name}"
