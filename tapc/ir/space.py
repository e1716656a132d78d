"""The sample space: one taxonomy, mixes, and rules between them.

Canonical: children, values, rules and exclusions are sorted by name, so that order in the text does not matter.
"""

from fractions import Fraction
from typing import Literal

from tapc.ir.base import Frozen
from tapc.ir.exact import Ratio


class Share(Frozen):
    """What a node or value gets.

    Attributes:
        kind: `percent` of the parent (value 0..1), `weight` among siblings, or `count` (an exact number).
        value: exact; 1 for an unmarked sibling's weight.
        at_least, at_most: clamps in samples; what they take or free respreads by weight.
    """

    kind: Literal["percent", "weight", "count"] = "weight"
    value: Ratio = Fraction(1)
    at_least: int | None = None
    at_most: int | None = None


class Example(Frozen):
    """A few-shot seed: named texts such as question and answer, sorted by name."""

    fields: tuple[tuple[str, str], ...]


class Described(Frozen):
    """What nodes and mix values have in common.

    Attributes:
        name: identity among siblings.
        title: for people and prompts; not inherited.
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
    """A BCP-47 tag and what templates know of it."""

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
    """A categorical axis. `per_candidate` mixes are drawn for each candidate of a step instead of each slot."""

    values: tuple[MixValue, ...]
    per_candidate: bool = False


class Test(Frozen):
    """Membership in a set of values: mix values by name, taxonomy nodes by dotted path (meaning their subtrees)."""

    axis: str
    values: tuple[str, ...]


class Condition(Frozen):
    """Tests that must all hold, at most one an axis, sorted by axis."""

    tests: tuple[Test, ...]


class MixRule(Frozen):
    """`when CONDITION { mix … }`: the shares that replace a mix's own where the condition holds; others get 0."""

    condition: Condition
    mix: str
    shares: tuple[tuple[str, Share], ...]


class Exclusion(Frozen):
    """Values of one mix that may not occur (where the condition holds); the others absorb their share."""

    mix: str
    values: tuple[str, ...]
    condition: Condition | None = None


class Space(Frozen):
    """All that decides cell counts, apart from the number of samples."""

    taxonomy: Taxonomy | None = None
    mixes: tuple[Mix, ...] = ()
    rules: tuple[MixRule, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
