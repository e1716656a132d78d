"""The allocator's view of mixes: their order, their conditions, and their exact shares in each row."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from math import lcm

import msgspec
import numpy as np

from tapc.ir import Condition, Mix, Share, Space
from tapc.quota.arrays import Flags, Ints
from tapc.quota.problem import QuotaError, QuotaProblem, collect
from tapc.quota.shares import Siblings, targets
from tapc.quota.tree import Tree


class Clause(msgspec.Struct, frozen=True):
    """The shares of a rule or the values of an exclusion, with its condition as the allowed values of each tested axis.

    Attributes:
        path: IR path.
        admits: allowed leaves or values, by tested axis ("" is the taxonomy).
        shares: exact fractions of every value (rules).
        banned: whether each value is excluded (exclusions).
    """

    path: str
    admits: dict[str, Flags]
    shares: tuple[Fraction, ...] = ()
    banned: tuple[bool, ...] = ()


class MixPlan(msgspec.Struct, frozen=True):
    """One mix, resolved over the dataset.

    Attributes:
        mix: the IR.
        shares: exact fractions of its values if no rule applies.
        rules, exclusions: clauses that change the shares.
        needs: mixes tested by its conditions, sorted.
        names: names of the values of those mixes.
    """

    mix: Mix
    shares: tuple[Fraction, ...]
    rules: tuple[Clause, ...]
    exclusions: tuple[Clause, ...]
    needs: tuple[str, ...]
    names: dict[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """The mix's name."""
        return self.mix.name

    @property
    def values(self) -> tuple[str, ...]:
        """Names of its values."""
        return tuple(v.name for v in self.mix.values)


class Weights(msgspec.Struct, frozen=True):
    """Shares of the values of a mix, for every row.

    Attributes:
        table: integer weights, shape (kinds of rows, V).
        scale: sum of every row of the table.
        kind: row of the table for each row of the allocation, shape (R,).
    """

    table: Ints
    scale: int
    kind: Ints


def plan_mixes(space: Space, tree: Tree, samples: int, *, per_candidate: bool = False) -> list[MixPlan]:
    """Resolve mixes (either those `per candidate` or the others) and order them: dependencies first, ties by name.

    Raises:
        QuotaError: contradictory shares, or a cycle.
    """
    wanted = [mix for mix in space.mixes if mix.per_candidate == per_candidate]
    plans = {plan.name: plan for plan in collect(partial(_plan_mix, space, tree, mix, samples) for mix in wanted)}
    done: list[MixPlan] = []
    while plans:
        ready = sorted(name for name, plan in plans.items() if not any(need in plans for need in plan.needs))
        if not ready:
            names = ", ".join(sorted(plans))
            message = f"these mixes depend on each other in a cycle: {names}"
            raise QuotaError(QuotaProblem("cycle", message, tuple(f"mix.{name}" for name in sorted(plans))))
        done.append(plans.pop(ready[0]))
    return done


def _plan_mix(space: Space, tree: Tree, mix: Mix, samples: int) -> MixPlan:
    base = _fractions(mix, {v.name: v.share for v in mix.values}, samples, f"mix.{mix.name}")
    rules = [
        Clause(
            path=f"rule.{n}",
            admits=_admits(space, tree, rule.condition),
            shares=_fractions(mix, dict(rule.shares), samples, f"rule.{n}"),
        )
        for n, rule in enumerate(space.rules)
        if rule.mix == mix.name
    ]
    exclusions = [
        Clause(
            path=f"exclusion.{n}",
            admits=_admits(space, tree, exclusion.condition) if exclusion.condition else {},
            banned=tuple(v.name in exclusion.values for v in mix.values),
        )
        for n, exclusion in enumerate(space.exclusions)
        if exclusion.mix == mix.name
    ]
    needs = {axis for clause in (*rules, *exclusions) for axis in clause.admits if axis}
    names = {m.name: tuple(v.name for v in m.values) for m in space.mixes if m.name in needs}
    drawn = next((m for m in space.mixes if m.per_candidate and m.name in needs), None)
    if drawn is not None:
        message = f"mix {mix.name} cannot depend on {drawn.name}, which is drawn for each candidate"
        raise QuotaError(QuotaProblem("cycle", message, (f"mix.{mix.name}", f"mix.{drawn.name}")))
    return MixPlan(mix, base, tuple(rules), tuple(exclusions), tuple(sorted(needs)), names)


def _fractions(mix: Mix, shares: dict[str, Share], samples: int, path: str) -> tuple[Fraction, ...]:
    """Shares resolved over the whole dataset, as fractions of it; values without a share get 0."""
    names = tuple(shares)
    found = targets(Siblings(f"mix {mix.name}", path, names, tuple(shares.values())), samples)
    resolved = {
        name: (slope * samples + offset) / samples
        for name, slope, offset in zip(names, found.slope, found.offset, strict=True)
    }
    return tuple(resolved.get(v.name, Fraction(0)) for v in mix.values)


def _admits(space: Space, tree: Tree, condition: Condition) -> dict[str, Flags]:
    admits: dict[str, Flags] = {}
    for test in condition.tests:
        if test.axis == tree.axis:
            flags = np.zeros(len(tree.leaves), np.bool_)
            for path in test.values:
                node = tree.by_path[path]
                flags[tree.first[node] : tree.last[node]] = True
            admits[""] = flags
        else:
            mix = next(m for m in space.mixes if m.name == test.axis)
            admits[test.axis] = np.array([v.name in test.values for v in mix.values], np.bool_)
    return admits


def weigh(plan: MixPlan, leaf: Ints, values: dict[str, Ints], limit: int, tree: Tree) -> Weights:
    """Exact shares of a mix for rows given by leaf and the values of earlier mixes.

    Args:
        plan: the mix.
        leaf: leaf of every row.
        values: index of the value of every row, for each mix allocated so far.
        limit: largest denominator for which products fit into 62 bits; above it, a coarser grid is used.
        tree: taxonomy, for names in messages.

    Raises:
        QuotaError: in some row, rules overlap and disagree, or no value is left.
    """
    clauses = (*plan.rules, *plan.exclusions)
    kind, samples = classes(clauses, leaf, values)
    tables: list[tuple[Fraction, ...]] = []
    seen: dict[tuple[Fraction, ...], int] = {}
    place = np.zeros(len(samples), np.int64)
    for n, row in enumerate(samples):
        where = _Where(tree, int(leaf[row]), {name: int(v[row]) for name, v in values.items()})
        shares = _shares_at(plan, where)
        if shares not in seen:
            seen[shares] = len(tables)
            tables.append(shares)
        place[n] = seen[shares]
    table, scale = common_weights(tables, limit)
    return Weights(table, scale, place[kind])


def classes(clauses: Sequence[Clause], leaf: Ints, values: dict[str, Ints]) -> tuple[Ints, list[int]]:
    """Group rows that no condition distinguishes: the group of each row, and one row of each group."""
    kind = np.zeros(len(leaf), np.int64)
    for axis in sorted({axis for clause in clauses for axis in clause.admits}):
        # `flags` has shape (clauses, values of the axis); values with equal columns are equal for every condition.
        flags = np.array([clause.admits[axis] for clause in clauses if axis in clause.admits])
        _, same = np.unique(flags, axis=1, return_inverse=True)
        same = same.reshape(-1).astype(np.int64)
        kind = kind * (int(same.max()) + 1) + same[values[axis] if axis else leaf]
        _, kind = np.unique(kind, return_inverse=True)
        kind = kind.reshape(-1).astype(np.int64)
    _, rows = np.unique(kind, return_index=True)
    return kind, [int(r) for r in rows]


class _Where(msgspec.Struct, frozen=True):
    """One point of the space."""

    tree: Tree
    leaf: int
    values: dict[str, int]

    def inside(self, clause: Clause) -> bool:
        """Whether the condition of a clause holds here."""
        return all(
            bool(flags[self.values[axis]] if axis else flags[self.leaf]) for axis, flags in clause.admits.items()
        )

    def text(self, plan: MixPlan) -> str:
        """The place in words, limited to the axes that the conditions of the mix test."""
        tested = {axis for clause in (*plan.rules, *plan.exclusions) for axis in clause.admits}
        parts = [self.tree.title(int(self.tree.leaves[self.leaf]))] if "" in tested else []
        parts += [f"{axis} {plan.names[axis][self.values[axis]]}" for axis in sorted(tested) if axis]
        return f" at {', '.join(parts)}" if parts else ""


def shares_at(plan: MixPlan, tree: Tree, leaf: int, values: dict[str, int]) -> tuple[Fraction, ...]:
    """Exact shares of a mix in one cell.

    Raises:
        QuotaError: rules overlap and disagree there, or no value is left.
    """
    return _shares_at(plan, _Where(tree, leaf, values))


def _within(inner: Clause, outer: Clause) -> bool:
    """Whether one region lies inside another."""
    for axis, admitted in outer.admits.items():
        own = inner.admits.get(axis)
        if own is None:
            if not admitted.all():
                return False
        elif bool((own & ~admitted).any()):
            return False
    return True


def _shares_at(plan: MixPlan, where: _Where) -> tuple[Fraction, ...]:
    holding = [rule for rule in plan.rules if where.inside(rule)]
    shares = plan.shares
    if holding:
        winner = next((r for r in holding if all(_within(r, other) for other in holding)), None)
        if winner is None:
            narrow = [r for r in holding if not any(_within(o, r) and not _within(r, o) for o in holding)]
            winner = narrow[0]
            _check_agree(plan, narrow, where)
        else:
            _check_agree(plan, [r for r in holding if _within(r, winner)], where)
        shares = winner.shares
    banning = [clause for clause in plan.exclusions if where.inside(clause)]
    if banning:
        banned = [any(column) for column in zip(*(clause.banned for clause in banning), strict=True)]
        shares = tuple(Fraction(0) if no else share for share, no in zip(shares, banned, strict=True))
    mass = sum(shares, Fraction(0))
    if not mass:
        message = f"mix {plan.name} has no value left{where.text(plan)}"
        raise QuotaError(QuotaProblem("no-values", message, (f"mix.{plan.name}", *(c.path for c in banning))))
    return shares if mass == 1 else tuple(share / mass for share in shares)


def _check_agree(plan: MixPlan, rules: Sequence[Clause], where: _Where) -> None:
    for other in rules[1:]:
        if other.shares != rules[0].shares:
            message = f"two rules give mix {plan.name} different shares{where.text(plan)}, and neither is more specific"
            raise QuotaError(QuotaProblem("overlap", message, (rules[0].path, other.path, f"mix.{plan.name}")))


def common_weights(tables: list[tuple[Fraction, ...]], limit: int) -> tuple[Ints, int]:
    """Integer weights over a common denominator; above `limit`, on the grid 1/limit (largest remainders)."""
    scale = lcm(*[share.denominator for shares in tables for share in shares])
    if scale <= limit:
        return np.array([[int(share * scale) for share in shares] for shares in tables], np.int64), scale
    rows: list[list[int]] = []
    for shares in tables:
        row = [int(share * limit) for share in shares]
        order = sorted(range(len(row)), key=lambda j, s=shares, r=row: (r[j] - s[j] * limit, j))
        for j in order[: limit - sum(row)]:
            row[j] += 1
        rows.append(row)
    return np.array(rows, np.int64), limit
