"""`by leaves`: every leaf weighs as much as any other, whatever branch it is on."""

from fractions import Fraction

import pytest
from space_kit import codes, findings, space_of

from tapc.ir import Share

CATALOG = "taxonomy c { a { a1, a2, a3 }, b { b1 { x, y }, b2 }, d }"


def tree(words: str, body: str = "", top: str = CATALOG) -> dict[str, Share]:
    """Share of every node by its dotted path."""
    found: dict[str, Share] = {}

    def visit(nodes, above) -> None:
        for node in nodes:
            found[above + node.name] = node.share
            visit(node.children, f"{above}{node.name}.")

    visit(space_of(f"taxonomy t {words} {{ {body} }}", top=top).taxonomy.children, "")
    return found


def weights(found: dict[str, Share]) -> dict[str, Fraction]:
    return {path: share.value for path, share in found.items()}


def test_a_node_weighs_as_much_as_its_leaves():
    assert weights(tree("by leaves = c")) == {
        "a": 3, "a.a1": 1, "a.a2": 1, "a.a3": 1, "b": 3, "b.b1": 2, "b.b1.x": 1, "b.b1.y": 1, "b.b2": 1, "d": 1
    }  # fmt: skip
    assert set(weights(tree("= c")).values()) == {1}


def test_what_is_left_out_weighs_nothing():
    assert weights(tree("by leaves = c", "except [a.a1, b.b1]"))["a"] == 2
    assert weights(tree("by leaves = c", "only [b]")) == {"b": 3, "b.b1": 2, "b.b1.x": 1, "b.b1.y": 1, "b.b2": 1}


def test_shares_that_are_written_stay_and_bounds_are_none():
    found = tree("by leaves = c", "a 40%, b at_least 20, d at_most 9")
    assert found["a"] == Share(kind="percent", value=Fraction(2, 5))
    assert found["b"] == Share(value=3, at_least=20)
    assert found["d"] == Share(value=1, at_most=9)
    assert tree("by leaves = c", "a 1")["a"] == Share(value=1)
    assert tree("by leaves = c", "a count 7")["a"] == Share(kind="count", value=7)


def test_every_leaf_has_the_least_number_but_those_with_one_of_their_own():
    found = tree("by leaves at_least 2 = c", "d at_most 1, a { a1 at_least 5, a2 count 9 }")
    assert found["d"] == Share(at_least=1, at_most=1)
    assert found["a.a1"].at_least == 5
    assert found["a.a2"] == Share(kind="count", value=9)
    assert found["a.a3"].at_least == found["b.b1.x"].at_least == found["b.b2"].at_least == 2
    assert found["a"].at_least is found["b"].at_least is found["b.b1"].at_least is None


def test_tables_weigh_by_leaves_too():
    files = {"tree.csv": "id,parent,weight\na,,\na1,a,\na2,a,\nb,,5\nb1,b,\n"}
    space = space_of(
        'taxonomy t by leaves from "tree.csv" { columns { id id, parent parent, weight weight } }', files=files
    )
    assert {node.name: node.share.value for node in space.taxonomy.children} == {"a": 2, "b": 5}


@pytest.mark.parametrize(
    "line",
    [
        "mix m by leaves { a, b }",
        "taxonomy t by branches { a, b }",
        "taxonomy t by { a, b }",
        "taxonomy t at_least 1 { a, b }",
        "taxonomy t by leaves at_least { a, b }",
        "taxonomy t by leaves at_least 10% { a, b }",
        "taxonomy t by leaves at_most 3 { a, b }",
    ],
)
def test_other_words_are_errors(line):
    assert codes(line)


def test_more_leaves_than_samples_cannot_all_have_one():
    ((code, message),) = findings("taxonomy t by leaves at_least 3 { a, b, c { d, e } }", samples=11)
    assert code == "TAP203"
    assert "need 12 samples" in message
