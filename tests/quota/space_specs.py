"""Random sample spaces, and the ones the benchmarks use."""

import hashlib
import random
from fractions import Fraction

from tapc.ir import Condition, Exclusion, Mix, MixRule, MixValue, Share, Space, Taxonomy, TaxonomyNode
from tapc.ir import Test as Membership


def number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def weights(name: str, shares: dict[str, int], **more: object) -> Mix:
    values = tuple(MixValue(name=k, share=Share(value=Fraction(v))) for k, v in sorted(shares.items()))
    return Mix(name=name, values=values, **more)


def when(condition: dict[str, tuple[str, ...]], mix: str, shares: dict[str, int]) -> MixRule:
    return _rule(condition, mix, {k: Share(value=Fraction(v)) for k, v in shares.items()})


class Seeded:
    """Where the generator's choices come from: a random seed here, hypothesis in `space_strategies`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, options):
        return self.random.choice(options)

    def some(self, options, size: int):
        return self.random.sample(options, size)


def random_space(seed: int) -> tuple[Space, int]:
    """A small space and a number of samples; some are contradictory."""
    return any_space(Seeded(seed))


def any_space(r) -> tuple[Space, int]:
    """One small space, by choices of `Seeded` or of anything with its methods; the first choices are the simplest."""
    taxonomy = None
    if r.chance(90):
        depth, fan = r.number(1, 4), r.number(2, 5)
        taxonomy = Taxonomy(name="topic", children=_children(r, depth, fan))
    sizes = {f"m{k}": r.number(1, 5) for k in r.some(range(4), r.number(0, 4))}
    mixes = tuple(_mix(r, name, sizes[name]) for name in sorted(sizes))
    rules, exclusions = [], []
    for _ in range(r.pick([0, 0, 1, 2])):
        found = _condition(r, taxonomy, sizes)
        if found:
            mix, condition = found
            chosen = [f"v{i}" for i in range(sizes[mix]) if r.chance(70)]
            if chosen and not any(rule.mix == mix for rule in rules):
                rules.append(_rule(condition, mix, dict(zip(chosen, _plain(r, len(chosen)), strict=True))))
    if r.chance(25):
        found = _condition(r, taxonomy, sizes)
        if found and sizes[found[0]] > 1:
            tests = tuple(Membership(axis=axis, values=values) for axis, values in found[1].items())
            exclusions.append(Exclusion(mix=found[0], values=("v0",), condition=Condition(tests=tests)))
    space = Space(taxonomy=taxonomy, mixes=mixes, rules=tuple(rules), exclusions=tuple(exclusions))
    samples = r.pick([1, 0, 2, 3, 7, 10, 50, 100, 333, 700])
    return space, r.number(1, 5000) if r.chance(10) else samples


def _share(r) -> Share:
    """Mostly a plain weight; else a fraction, a count, a percentage among weights, or one with bounds."""
    form = r.number(0, 99)
    if form >= 97:
        return Share(kind="count", value=Fraction(r.number(0, 6)))
    bounds = {}
    if form in range(88, 93):
        bounds["at_least"] = r.number(0, 6)
    if form in range(91, 97):
        bounds["at_most"] = r.number(5, 200)
    if form in (87, 88, 94):
        return Share(kind="percent", value=Fraction(r.number(1, 40), 100), **bounds)
    return Share(
        value=Fraction(r.number(1, 999), 100) if form in range(70, 90) else Fraction(r.number(1, 60)), **bounds
    )


def _percentages(r, n: int) -> list[Share]:
    cuts = sorted(r.some(range(1, 1000), n - 1)) if n > 1 else []
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    return [Share(kind="percent", value=Fraction(part, 1000)) for part in parts]


def _shares(r, n: int) -> list[Share]:
    return _percentages(r, n) if r.chance(25) else [_share(r) for _ in range(n)]


def _plain(r, n: int) -> list[Share]:
    """Shares of a conditional mix: percentages or weights."""
    return _percentages(r, n) if r.chance(25) else [Share(value=Fraction(r.pick([1, 2, 5, 33]))) for _ in range(n)]


def _rule(condition: dict[str, tuple[str, ...]], mix: str, shares: dict[str, Share]) -> MixRule:
    tests = tuple(Membership(axis=axis, values=values) for axis, values in sorted(condition.items()))
    return MixRule(condition=Condition(tests=tests), mix=mix, shares=tuple(sorted(shares.items())))


def _children(r, depth: int, fan: int) -> tuple[TaxonomyNode, ...]:
    shares = _shares(r, r.number(1, fan))
    return tuple(
        TaxonomyNode(
            name=f"c{i}",
            share=share,
            children=_children(r, depth - 1, fan) if depth > 1 and r.chance(70) else (),
        )
        for i, share in enumerate(shares)
    )


def _mix(r, name: str, size: int) -> Mix:
    values = tuple(MixValue(name=f"v{i}", share=share) for i, share in enumerate(_shares(r, size)))
    return Mix(name=name, values=values)


def _condition(r, taxonomy: Taxonomy | None, sizes: dict[str, int]) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    """A mix and a condition on an axis before it in the order of names, so that no cycle arises."""
    if not sizes:
        return None
    mix = r.pick(sorted(sizes))
    axes = [name for name in sorted(sizes) if name < mix]
    if taxonomy and (not axes or r.chance(60)):
        node = r.pick(taxonomy.children)
        path = node.name
        if node.children and r.chance(50):
            path += "." + r.pick(node.children).name
        return mix, {"topic": (path,)}
    if not axes:
        return None
    axis = r.pick(axes)
    return mix, {axis: tuple(f"v{i}" for i in range(sizes[axis]) if r.chance(50)) or ("v0",)}


def tree(branches: list[int], name: str = "topic") -> Taxonomy:
    def below(path: tuple[int, ...]) -> tuple[TaxonomyNode, ...]:
        if len(path) == len(branches):
            return ()
        return tuple(
            TaxonomyNode(
                name=f"n{i:03d}",
                share=Share(value=Fraction(1 + number(f"w{(*path, i)!r}") % 99)),
                children=below((*path, i)),
            )
            for i in range(branches[len(path)])
        )

    return Taxonomy(name=name, children=below(()))


LANGUAGES = dict(
    zip(
        ["zh", "en", "sw", "ar", "hi", "es", "fr", "de", "ja", "ko", "pt", "ru"],
        [40, 15, 8, 7, 6, 5, 5, 4, 4, 3, 2, 1],
        strict=True,
    )
)
DIFFICULTY = {"easy": 30, "medium": 50, "hard": 20}


def standard(branches: list[int], languages: dict[str, int] = LANGUAGES, **more: dict[str, int]) -> Space:
    mixes = [weights("language", languages), weights("difficulty", DIFFICULTY)]
    mixes += [weights(name, shares) for name, shares in more.items()]
    return Space(taxonomy=tree(branches), mixes=tuple(sorted(mixes, key=lambda mix: mix.name)))
