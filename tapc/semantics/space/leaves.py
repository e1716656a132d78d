"""`by leaves`: nodes weigh as much as the leaves below them; samples are spread over leaves, not over branches."""

from fractions import Fraction

import msgspec

from tapc.semantics.space.context import NodeDraft


def weigh_by_leaves(root: NodeDraft, at_least: int) -> NodeDraft:
    """The tree with weights for all nodes whose size the spec does not say.

    Args:
        root: of the taxonomy.
        at_least: samples that every leaf has at least; 0 means no bound. A leaf with a bound or count keeps its own.
    """
    return _weighed(root, at_least)[0]


def _weighed(node: NodeDraft, at_least: int) -> tuple[NodeDraft, int]:
    """A node whose children have weights, and the number of its leaves."""
    if not node.children:
        share = node.share
        if at_least and share.kind != "count" and share.at_least is None:
            bound = at_least if share.at_most is None else min(at_least, share.at_most)
            node = msgspec.structs.replace(node, share=share.model_copy(update={"at_least": bound}))
        return node, 1
    children: list[NodeDraft] = []
    total = 0
    for child in node.children:
        made, leaves = _weighed(child, at_least)
        if not made.sized and leaves > 1:
            made = msgspec.structs.replace(made, share=made.share.model_copy(update={"value": Fraction(leaves)}))
        children.append(made)
        total += leaves
    return msgspec.structs.replace(node, children=tuple(children)), total
