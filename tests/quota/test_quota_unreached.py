"""Leaves without a sample, against a search through all numbers of samples."""

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tapc.ir import Share, Space, Taxonomy, TaxonomyNode
from tapc.quota import allocate, find_unreached

shares = st.one_of(
    st.just(Share()),
    st.builds(lambda n: Share(value=Fraction(n)), st.integers(0, 6)),
    st.builds(lambda n: Share(at_least=n), st.integers(1, 2)),
    st.builds(lambda n: Share(at_most=n), st.integers(0, 3)),
    st.just(Share(value=Fraction(0), at_least=1)),
)
leaves = st.builds(lambda share: ("leaf", share, ()), shares)
trees = st.recursive(
    leaves,
    lambda below: st.builds(
        lambda share, nodes: ("node", share, tuple(nodes)), shares, st.lists(below, min_size=1, max_size=4)
    ),
    max_leaves=10,
)


def node(drawn, number):
    _, share, below = drawn
    return TaxonomyNode(name=f"n{number}", share=share, children=tuple(node(one, i) for i, one in enumerate(below)))


def paths(nodes, above, nothing):
    """(dotted path, whether it has a share) of every leaf."""
    for one in nodes:
        share = one.share
        none = nothing or (share.value == 0 and not share.at_least) or share.at_most == 0
        path = above + one.name
        if one.children:
            yield from paths(one.children, f"{path}.", none)
        else:
            yield path, not none


def reached(space, samples):
    found = allocate(space, samples)
    if isinstance(found, list):
        return None
    tree = found.tree
    return {".".join(tree.parts[int(tree.leaves[leaf])]) for leaf in found.leaf.tolist()}


@settings(max_examples=150, deadline=None)
@given(st.lists(trees, min_size=1, max_size=4), st.integers(1, 12))
def test_they_are_those_that_the_allocation_leaves_out(drawn, samples):
    space = Space(taxonomy=Taxonomy(name="topic", children=tuple(node(one, i) for i, one in enumerate(drawn))))
    got = reached(space, samples)
    assume(got is not None)
    wanted = {path for path, some in paths(space.taxonomy.children, "", nothing=False) if some}
    found = find_unreached(space, samples)
    assert set(found.leaves) == wanted - got
    assert found.of == len(wanted)
    if not found.leaves or found.least is None:
        return
    assert found.least > samples
    assert wanted <= reached(space, found.least)
    assert all(not wanted <= (reached(space, fewer) or set()) for fewer in range(samples, found.least))
