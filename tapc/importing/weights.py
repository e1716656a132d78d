"""Warns about weights that do not add up across branches."""

from collections.abc import Iterator
from fractions import Fraction

from tapc.diagnostics import Diagnostic, rule
from tapc.importing.model import Node

_SHOWN = 3


def weights_apart(tree: tuple[Node, ...], origin: str) -> tuple[Diagnostic, ...]:
    """Report branches without weights whose leaves have weights: they get equal shares all the same."""
    for siblings in _families(tree):
        bare = [node for node in siblings if node.children and not node.weight]
        told = [(node, total) for node in bare if (total := _below(node)) is not None]
        if len(told) < 2 or len({total for _, total in told}) == 1:
            continue
        shown = ", ".join(f"`{node.name[:60]}` {_plain(total)}" for node, total in told[:_SHOWN])
        more = f" and {len(told) - _SHOWN:,} more" if len(told) > _SHOWN else ""
        message = f"weights in {origin} count within each branch, and {len(bare):,} branches have none of their own"
        notes = (
            f"they get equal shares, although the weights below them add up to: {shown}{more}",
            "give the branches weights, here or in the module, if their shares should differ",
        )
        return (Diagnostic("TAP724", rule("TAP724").severity, message, (), notes),)
    return ()


def _families(siblings: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    pending = [siblings]
    while pending:
        at = pending.pop()
        yield at
        pending.extend(node.children for node in at if node.children)


def _below(node: Node) -> Fraction | None:
    """The sum of the weights of the leaves below a node; None if no leaf has one."""
    total: Fraction | None = None
    pending = list(node.children)
    while pending:
        at = pending.pop()
        if at.children:
            pending.extend(at.children)
        elif at.weight and not at.weight.endswith("%"):
            total = (total or Fraction(0)) + Fraction(at.weight)
    return total


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.4g}"
