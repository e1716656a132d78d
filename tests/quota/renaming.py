"""Renames a space by other rules than tapc does, and says so by `moved` lines."""

import random

from tapc.ir import Condition, MixRule, Moved, Space
from tapc.ir import Test as Membership


class Renaming:
    """New names for some of the things of a space, and the lines that say what they were.

    Attributes:
        space: the space under the new names, with the lines.
        points: {(axis, value or dotted path) of the old space: the same of the new one}; axes alone as (axis, "").
    """

    def __init__(self, space: Space, seed: int, share: float = 0.6) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._lines: list[Moved] = []
        self.points: dict[tuple[str, str], tuple[str, str]] = {}
        tree = space.taxonomy
        if tree is not None:
            name = self._line((), (), tree.name)
            self.points[tree.name, ""] = name, ""
            children = self._nodes(tree.children, (tree.name,), (name,))
            tree = tree.model_copy(update={"name": name, "children": children})
        mixes = []
        for mix in space.mixes:
            name = self._line((), (), mix.name)
            self.points[mix.name, ""] = name, ""
            values = []
            for value in mix.values:
                own = self._line((mix.name,), (name,), value.name)
                self.points[mix.name, value.name] = name, own
                values.append(value.model_copy(update={"name": own}))
            values.sort(key=lambda value: value.name)
            mixes.append(mix.model_copy(update={"name": name, "values": tuple(values)}))
        exclusions = tuple(
            one.model_copy(
                update={
                    "mix": self.points[one.mix, ""][0],
                    "values": tuple(sorted(self.points[one.mix, value][1] for value in one.values)),
                    "condition": one.condition and self._condition(one.condition),
                }
            )
            for one in space.exclusions
        )
        self.space = Space(
            taxonomy=tree,
            mixes=tuple(sorted(mixes, key=lambda mix: mix.name)),
            rules=tuple(self._rule(rule) for rule in space.rules),
            exclusions=exclusions,
            moved=tuple(sorted(self._lines, key=lambda line: line.new)) or None,
        )

    def _line(self, old: tuple[str, ...], new: tuple[str, ...], name: str) -> str:
        """A new name below things that were called `old` and are called `new`; often the same."""
        if self._random.random() >= self._share:
            return name
        other = self._random.choice("aknz.") + self._random.choice(["", "x"]) + name
        # the line may have been written before or after those above it were renamed
        self._lines.append(Moved(old=(*self._random.choice([old, new]), name), new=(*new, other)))
        return other

    def _nodes(self, nodes, old, new):
        found = []
        for node in nodes:
            name = self._line(old, new, node.name)
            below, now = (*old, node.name), (*new, name)
            self.points[old[0], ".".join(below[1:])] = new[0], ".".join(now[1:])
            found.append(node.model_copy(update={"name": name, "children": self._nodes(node.children, below, now)}))
        return tuple(sorted(found, key=lambda node: node.name))

    def _rule(self, rule: MixRule) -> MixRule:
        shares = tuple(sorted(((self.points[rule.mix, v][1], share) for v, share in rule.shares), key=lambda s: s[0]))
        return MixRule(condition=self._condition(rule.condition), mix=self.points[rule.mix, ""][0], shares=shares)

    def _condition(self, condition: Condition) -> Condition:
        tests = [
            Membership(
                axis=self.points[test.axis, ""][0],
                values=tuple(sorted(self.points[test.axis, value][1] for value in test.values)),
            )
            for test in condition.tests
        ]
        return Condition(tests=tuple(sorted(tests, key=lambda test: test.axis)))
