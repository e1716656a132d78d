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
    tests = tuple(Membership(axis=axis, values=values) for axis, values in sorted(condition.items()))
    return MixRule(
        condition=Condition(tests=tests),
        mix=mix,
        shares=tuple((k, Share(value=Fraction(v))) for k, v in sorted(shares.items())),
    )


def random_space(seed: int) -> tuple[Space, int]:
    """A small space and a number of samples; some are contradictory."""
    r = random.Random(seed)
    taxonomy = None
    if r.random() < 0.9:
        depth, fan = r.randint(1, 4), r.randint(2, 5)
        taxonomy = Taxonomy(name="topic", children=_children(r, depth, fan))
    sizes = {f"m{k}": r.randint(1, 5) for k in r.sample(range(4), r.randint(0, 4))}
    mixes = tuple(_mix(r, name, sizes[name]) for name in sorted(sizes))
    rules, exclusions = [], []
    for _ in range(r.choice([0, 0, 1, 2])):
        found = _condition(r, taxonomy, sizes)
        if found:
            mix, condition = found
            chosen = {f"v{i}": r.choice([1, 2, 5, 33]) for i in range(sizes[mix]) if r.random() < 0.7}
            if chosen and not any(rule.mix == mix for rule in rules):
                rules.append(when(condition, mix, chosen))
    if r.random() < 0.25:
        found = _condition(r, taxonomy, sizes)
        if found and sizes[found[0]] > 1:
            tests = tuple(Membership(axis=axis, values=values) for axis, values in found[1].items())
            exclusions.append(Exclusion(mix=found[0], values=("v0",), condition=Condition(tests=tests)))
    space = Space(taxonomy=taxonomy, mixes=mixes, rules=tuple(rules), exclusions=tuple(exclusions))
    return space, r.choice([0, 1, 2, 3, 7, 10, 50, 100, 333, 700])


def _share(r: random.Random) -> Share:
    if r.random() < 0.03:
        return Share(kind="count", value=Fraction(r.randint(0, 6)))
    bounds = {}
    if r.random() < 0.04:
        bounds["at_least"] = r.randint(0, 6)
    if r.random() < 0.04:
        bounds["at_most"] = r.randint(5, 200)
    value = Fraction(r.randint(1, 60)) if r.random() < 0.8 else Fraction(r.randint(1, 999), 100)
    return Share(value=value, **bounds)


def _shares(r: random.Random, n: int) -> list[Share]:
    if r.random() < 0.25:
        cuts = sorted(r.sample(range(1, 100), n - 1)) if n > 1 else []
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        return [Share(kind="percent", value=Fraction(part, 100)) for part in parts]
    return [_share(r) for _ in range(n)]


def _children(r: random.Random, depth: int, fan: int) -> tuple[TaxonomyNode, ...]:
    shares = _shares(r, r.randint(1, fan))
    return tuple(
        TaxonomyNode(
            name=f"c{i}",
            share=share,
            children=_children(r, depth - 1, fan) if depth > 1 and r.random() < 0.7 else (),
        )
        for i, share in enumerate(shares)
    )


def _mix(r: random.Random, name: str, size: int) -> Mix:
    values = tuple(MixValue(name=f"v{i}", share=share) for i, share in enumerate(_shares(r, size)))
    return Mix(name=name, values=values)


def _condition(
    r: random.Random, taxonomy: Taxonomy | None, sizes: dict[str, int]
) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    """A mix and a condition on an axis before it in the order of names, so that no cycle arises."""
    if not sizes:
        return None
    mix = r.choice(sorted(sizes))
    axes = [name for name in sorted(sizes) if name < mix]
    if taxonomy and (not axes or r.random() < 0.6):
        node = r.choice(taxonomy.children)
        path = node.name
        if node.children and r.random() < 0.5:
            path += "." + r.choice(node.children).name
        return mix, {"topic": (path,)}
    if not axes:
        return None
    axis = r.choice(axes)
    return mix, {axis: tuple(f"v{i}" for i in range(sizes[axis]) if r.random() < 0.5) or ("v0",)}


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
