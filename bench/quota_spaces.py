"""Sample spaces for the quota benchmarks: taxonomies with content-hashed weights, and usual mixes."""

import hashlib
from collections.abc import Callable
from fractions import Fraction

from tapc.ir import Condition, Mix, MixRule, MixValue, Share, Space, Taxonomy, TaxonomyNode
from tapc.ir import Test as Membership

Path = tuple[int, ...]

LANGUAGES = {
    "ar": 7, "de": 4, "en": 15, "es": 5, "fr": 5, "hi": 6, "ja": 4, "ko": 3, "pt": 2, "ru": 1, "sw": 8, "zh": 40,
}  # fmt: skip
DIFFICULTY = {"easy": 30, "hard": 20, "medium": 50}
TASK = {"chat": 15, "code": 20, "extract": 10, "qa": 30, "rewrite": 5, "summary": 20}
STYLE = {"a": 40, "b": 30, "c": 20, "d": 10}
LENGTH = {"l": 25, "m": 30, "s": 25, "xl": 10, "xs": 10}


def number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def hashed(path: Path) -> int:
    return 1 + number(f"w{path!r}") % 99


def salted(seed: int) -> Callable[[Path], int]:
    """Weights like `hashed`, different for every seed; 0 gives the same."""
    return hashed if seed == 0 else lambda path: 1 + number(f"s{seed}w{path!r}") % 99


def equal(_: Path) -> int:
    return 1


def zipf(path: Path) -> int:
    return 1_000_000 // (1 + path[-1])


PERSONA = {f"p{i:03d}": 1 + number(f"p{i}") % 20 for i in range(200)}


def tree(branches: list[int], weight: Callable[[Path], int] = hashed) -> Taxonomy:
    def below(path: Path) -> tuple[TaxonomyNode, ...]:
        if len(path) == len(branches):
            return ()
        return tuple(
            TaxonomyNode(name=f"n{i:03d}", share=Share(value=Fraction(weight((*path, i)))), children=below((*path, i)))
            for i in range(branches[len(path)])
        )

    return Taxonomy(name="topic", children=below(()))


def _shares(weights: dict[str, int] | dict[str, Fraction]) -> tuple[tuple[str, Share], ...]:
    return tuple((name, Share(value=Fraction(weight))) for name, weight in sorted(weights.items()))


def rule(axis: str, value: str, mix: str, weights: dict[str, int]) -> MixRule:
    condition = Condition(tests=(Membership(axis=axis, values=(value,)),))
    return MixRule(condition=condition, mix=mix, shares=_shares(weights))


def space(taxonomy: Taxonomy, *rules: MixRule, **mixes: dict[str, int]) -> Space:
    given = {"language": LANGUAGES, "difficulty": DIFFICULTY, **mixes}
    return Space(
        taxonomy=taxonomy,
        mixes=tuple(
            Mix(name=name, values=tuple(MixValue(name=value, share=share) for value, share in _shares(given[name])))
            for name in sorted(given)
        ),
        rules=rules,
    )


EASIER = rule("topic", "n003", "difficulty", {"easy": 10, "medium": 40, "hard": 50})
BY_LANGUAGE = (
    rule("language", "sw", "difficulty", {"easy": 60, "medium": 30, "hard": 10}),
    rule("language", "zh", "difficulty", {"easy": 10, "medium": 60, "hard": 30}),
)
