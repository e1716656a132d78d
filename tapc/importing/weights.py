"""Weights that do not add up across branches, which whoever imports a table may expect of them."""

from collections.abc import Iterator
from fractions import Fraction

from tapc.diagnostics import Diagnostic, rule
from tapc.importing.model import Node

_SHOWN = 3


def weights_apart(tree: tuple[Node, ...], origin: str) -> tuple[Diagnostic, ...]:
    """Say it where leaves have weights, and branches beside each other have none of their own."""
    for siblings in _families(tree):
        bare = [node for node in siblings if node.children and not node.weight]
        told = [(node, total) for node in bare if (total := _below(node)) is not None]
        if len(told) < 2 or len({total for _, total in told}) == 1:
            continue
        shown = ", ".join(f"`{node.name[:60]}` {_plain(total)}" for node, total in told[:_SHOWN])
        more = f" and {len(told) - _SHOWN:,} more" if len(told) > _SHOWN else ""
        message = f"weights in {origin} count within each branch, and {len(bare):,} branches have none of their own"
        notes = (
            f"they get equal shares, though what stands below them adds up to: {shown}{more}",
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
    """What the weights of the leaves below a node add up to; None where none has any."""
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
