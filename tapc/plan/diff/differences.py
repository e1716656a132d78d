"""What two datasets say differently, statement by statement, in the words of a spec.

Both are written as `tapc show` writes them, as trees of statements, and the trees are compared: so every field that a
spec may have is compared, and shown as a spec writes it, without further code.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from tapc.frontend.show import statements
from tapc.ir import Dataset
from tapc.semantics.page import Written
from tapc.semantics.registry import Registry
from tapc.semantics.vocabulary import Field, Statement, Vocabulary
from tapc.semantics.vocabulary.endpoints import SAMPLING
from tapc.syntax import lexemes

_HOLES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BY_CONTENT = ("rule", "exclusion", "moved")
"""Roots of paths that number what has no name."""

_ORDERED = ("taxonomy", "mix", "rule", "rubric")
"""Roots of paths of declarations in whose blocks the author chooses an order, which is kept but has no effect."""

_OPTIONS = "rubric."
"""Start of paths of statements that end in a list whose order has no effect: `aspect flaws any of [ … ]`."""

_NAMES = 8
"""Names that a change of order shows of each side."""

_DATASET = "dataset"
_Rename = Callable[[str], str]


class Difference(msgspec.Struct, frozen=True):
    """A statement that differs.

    Attributes:
        owner: the declaration it belongs to, such as `endpoint writer`; `dataset` for statements of the dataset itself.
        field: names from the owner to the statement, joined by dots; empty for the declaration itself.
        path: path of the declaration in the IR.
        before, after: what follows its name; None if it is not there.
        default: what holds where it is not there; empty if nothing does, or it depends on others.
        reordered: whether only the order of what it holds differs; `before` and `after` are the names.
    """

    owner: str
    field: str
    path: str
    before: str | None
    after: str | None
    default: str = ""
    reordered: bool = False


class _Around(msgspec.Struct, frozen=True):
    """Where statements stand.

    Attributes:
        owner, field, path: as in `Difference`, of the statement around them.
        inherits: whether sampling parameters that are not given are those of an endpoint.
        statement: describes the fields of the block; None where names of the author's choice do.
    """

    owner: str
    field: str
    path: str
    statement: Statement | None
    inherits: bool = False


def find_differences(
    before: Dataset, after: Dataset, registry: Registry, names: Mapping[str, str] | None = None
) -> list[Difference]:
    """All differences between two datasets, in the order of the later one.

    Args:
        before: the earlier dataset.
        after: the later one.
        registry: the kinds that both may use.
        names: steps, endpoints, axes and `AXIS.VALUE` by their earlier name, where they have another one; not a
            difference of their own. The space of the earlier dataset has the later names already.
    """
    comparison = _Comparison(registry.vocabulary, names or {})
    return list(comparison.of_datasets(statements(before, registry), statements(after, registry)))


class _Comparison:
    """Compares trees of statements."""

    def __init__(self, vocabulary: Vocabulary, names: Mapping[str, str]) -> None:
        self._vocabulary = vocabulary
        self._names = names
        self._rename = _renamer(names)

    def of_datasets(self, before: Sequence[Written], after: Sequence[Written]) -> Iterator[Difference]:
        """Differences between declarations and fields of two datasets."""
        dataset = self._vocabulary.statement(_DATASET)
        for old, new in _pairs(before, after, self._earlier, _identity):
            one = new or old
            assert one is not None  # noqa: S101 - a pair has a side
            if one.parts and one.head.partition(" ")[0] == one.head:  # such as `budget`: its fields are what differs
                inner = self._inside(_Around(one.head, "", one.path, dataset), one)
                yield from self._of_blocks(old, new, inner)
            elif _declares(one):
                yield from self._of_declarations(old, new, one)
            else:
                yield from self._of_statements(old, new, _Around(_DATASET, "", one.path, dataset))
        old_mixes, new_mixes = ([one for one in side if one.path.startswith("mix.")] for side in (before, after))
        yield from _of_order(old_mixes, new_mixes, _Around(_DATASET, "mix", "mix", dataset))

    def _of_declarations(self, old: Written | None, new: Written | None, one: Written) -> Iterator[Difference]:
        if old is None or new is None:
            text = one.text
            yield Difference(one.head, "", one.path, text if old else None, text if new else None)
            return
        if old.value != new.value or (old.head != new.head and _last(old.path) == _last(new.path)):
            yield Difference(one.head, "", one.path, old.text, new.text)
        word = one.head.partition(" ")[0]
        around = _Around(one.head, "", one.path, self._vocabulary.statements.get(word), word in self._vocabulary.steps)
        yield from self._of_blocks(old, new, around)

    def _of_blocks(self, old: Written | None, new: Written | None, around: _Around) -> Iterator[Difference]:
        """Differences between what two blocks hold; a block that is not there holds nothing."""
        before, after = (side.parts if side else [] for side in (old, new))
        if before == after:
            return
        for first, second in _pairs(before, after, _relative(old), _relative(new)):
            yield from self._of_statements(first, second, around)
        if around.path.partition(".")[0] in _ORDERED:
            yield from _of_order(before, after, around)

    def _of_statements(self, old: Written | None, new: Written | None, around: _Around) -> Iterator[Difference]:
        one = new or old
        assert one is not None  # noqa: S101 - a pair has a side
        inner = self._inside(around, one)
        plain = [None if side is None or _only_a_block(side) else side.value for side in (old, new)]
        renamed = None if plain[0] is None else self._rename(plain[0])
        if plain[1] not in (plain[0], renamed):
            default = _default(around, one.head)
            options = inner.path.startswith(_OPTIONS) and _items(plain[0]) == _items(plain[1])
            yield Difference(inner.owner, inner.field, inner.path, plain[0], plain[1], default, options)
        elsewhere = around.statement is None or around.statement.field(one.head.partition(" ")[0]) is None
        if elsewhere and one.value and (old is None or new is None):  # a node says by itself that it was added
            return
        yield from self._of_blocks(old, new, inner)

    def _inside(self, around: _Around, one: Written) -> _Around:
        """The block of a statement."""
        field = None if around.statement is None else around.statement.field(one.head.partition(" ")[0])
        names = f"{around.field}.{one.head}" if around.field else "" if one.head == around.owner else one.head
        statement = None if field is None or not field.block else self._vocabulary.statements.get(field.block)
        if field is None and around.statement is not None and around.statement.free:
            statement = self._vocabulary.statements["node"]
        return _Around(around.owner, names, around.path, statement, around.inherits)

    def _earlier(self, one: Written) -> str:
        """Identity of a declaration of the earlier dataset, by its later name."""
        root, _, name = one.path.partition(".")
        if root in ("step", "endpoint") and name in self._names:
            return f"{root}.{self._names[name]}"
        return _identity(one)


def _of_order(before: Sequence[Written], after: Sequence[Written], around: _Around) -> Iterator[Difference]:
    """Statements of both sides that are in another order: what is between the first and the last that moved."""
    sides = [[one.head for one in side] for side in (before, after)]
    both = set(sides[0]) & set(sides[1])
    old, new = ([head for head in side if head in both] for side in sides)
    moved = [n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]]
    if moved and len(old) == len(new):
        span = slice(moved[0], moved[-1] + 1)
        first, second = (_listed([head.rpartition(" ")[2] for head in side[span]]) for side in (old, new))
        yield Difference(around.owner, around.field, around.path, first, second, reordered=True)


def _items(value: str | None) -> list[str]:
    return [] if value is None else sorted(token.text for token in lexemes(value))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def _identity(one: Written) -> str:
    return one.text if one.path.partition(".")[0] in _BY_CONTENT else one.path


def _last(path: str) -> str:
    return path.partition(".")[2]


def _declares(one: Written) -> bool:
    """Whether it is a declaration of its own, with a name or a condition."""
    return one.head == one.text or bool(one.parts)


def _only_a_block(one: Written) -> bool:
    return bool(one.parts) and not one.value


def _relative(around: Written | None) -> Callable[[Written], str]:
    """The identity of a statement in a block: its name, and its path from there."""
    start = "" if around is None else around.path
    return lambda one: f"{one.path.removeprefix(start)} {one.head}"


def _pairs(
    before: Iterable[Written],
    after: Iterable[Written],
    earlier: Callable[[Written], str],
    later: Callable[[Written], str],
) -> Iterator[tuple[Written | None, Written | None]]:
    """Statements of both sides that are the same one: in the order of the later side, then those that are gone."""
    old: dict[str, list[Written]] = defaultdict(list)
    for one in before:
        old[earlier(one)].append(one)
    new: dict[str, list[Written]] = defaultdict(list)
    for one in after:
        new[later(one)].append(one)
    for key, sides in new.items():
        yield from _matched(old.pop(key, []), sides)
    for sides in old.values():
        yield from ((one, None) for one in sides)


def _matched(old: list[Written], new: list[Written]) -> Iterator[tuple[Written | None, Written | None]]:
    """Pairs of statements with one name: equal ones, then those that begin alike, then texts in their order."""
    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    left = list(old)
    found: list[Written | None] = [None] * len(new)
    for alike in (_whole, _first_word, _kind_of_value):
        for place, one in enumerate(new):
            if found[place] is None:
                found[place] = next((other for other in left if alike(other) and alike(other) == alike(one)), None)
                left = [other for other in left if other is not found[place]]
    yield from zip(found, new, strict=True)
    yield from ((one, None) for one in left)


def _whole(one: Written) -> object:
    return one.value, one.parts


def _first_word(one: Written) -> object:
    words = [word for word in one.value.split(" ") if word != "not"]
    return words[0] if words else ""


def _kind_of_value(one: Written) -> object:
    return "text" if one.value.startswith('"') else "block" if one.parts else ""


def _default(around: _Around, head: str) -> str:
    """What holds where a field is not given, if that is one value which the field alone decides."""
    field: Field | None = None if around.statement is None else around.statement.field(head)
    if field is None or (around.inherits and _sent(head)) or field.type == "names":
        return ""
    simple = field.default[:1].isdigit() or field.default in field.words
    return field.default if simple else ""


def _sent(head: str) -> bool:
    return any(field.name == head for field in SAMPLING)


def _renamer(names: Mapping[str, str]) -> _Rename:
    """Replaces names of renamed objects: as words of statements, and in the holes of their texts."""
    if not names:
        return lambda text: text
    longest_first = sorted(names, key=len, reverse=True)
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def rename(text: str) -> str:
        return word.sub(lambda match: names[match[1]], text)

    def replace(text: str) -> str:
        if '"' not in text:
            return rename(text)
        done, at = "", 0
        for token in lexemes(text):
            inside = _HOLES.sub(lambda hole: rename(hole[0]), token.text) if token.kind == "string" else None
            done += text[at : token.span.start] + (rename(token.text) if inside is None else inside)
            at = token.span.end
        return done + text[at:]

    return replace
