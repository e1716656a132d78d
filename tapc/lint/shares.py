"""TAP612: shares of nothing."""

from collections.abc import Iterator

from tapc.ir import Dataset, Share, TaxonomyNode
from tapc.lint.remark import Remark


def never_drawn(dataset: Dataset) -> Iterator[Remark]:
    """Nodes and values whose share is zero in whatever form."""
    space = dataset.space
    if space.taxonomy is not None:
        for path, node in _nodes(space.taxonomy.name, space.taxonomy.children):
            if _nothing(node.share):
                yield _remark(node.name, f"taxonomy.{path}")
    given = {(rule.mix, name) for rule in space.rules for name, share in rule.shares if not _nothing(share)}
    for mix in space.mixes:
        for value in mix.values:
            if _nothing(value.share) and (mix.name, value.name) not in given:
                yield _remark(value.name, f"mix.{mix.name}.{value.name}")


def _remark(name: str, path: str) -> Remark:
    return Remark("TAP612", f"`{name}` has a share of nothing and is never drawn", ((path,),))


def _nothing(share: Share) -> bool:
    return (share.value == 0 and not share.at_least) or share.at_most == 0


def _nodes(above: str, nodes: tuple[TaxonomyNode, ...]) -> Iterator[tuple[str, TaxonomyNode]]:
    pending = [(f"{above}.{node.name}", node) for node in reversed(nodes)]
    while pending:
        path, node = pending.pop()
        yield path, node
        pending += [(f"{path}.{child.name}", child) for child in reversed(node.children)]
