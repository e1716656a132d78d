"""Shapes of providers' keys: each finds its own example, and texts that only begin like one are left alone."""

import pytest

from tapc.outside.key_shapes import KeyShape, find_keys, key_shapes

SHAPES = key_shapes()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.prefix)
def test_a_shape_finds_its_own_example_and_says_where_it_is_known_from(shape: KeyShape):
    text = f'key "{shape.example}", and on'
    found = find_keys(text)
    assert [(one.provider, start) for one, start, _ in found] == [(shape.provider, 5)]
    assert text[5 : found[0][2]] == shape.example
    assert len(shape.source) > 5
    assert not find_keys(f"x{shape.example}")[:1] or find_keys(f"x{shape.example}")[0][1] > 1


def test_prefixes_are_given_once():
    assert len({shape.prefix for shape in SHAPES}) == len(SHAPES)


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-your-key-goes-here-please",
        "sk-yourkeygoeshereplease",
        "sk-learn-pipelines-and-everything-else",
        "risk-1234567890abcdefghijklmnop",
        "the bearer of bad news",
        "AKIAIOSFODNN7EXAMPLE",  # of AWS' documentation, which scanners leave out as well
        "hf_transfer_is_a_python_package_of_rust",
        "eyJ is how tokens begin",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_placeholders_and_words_are_no_keys(text):
    assert not find_keys(text)


def test_several_keys_are_found_in_order():
    first, last = SHAPES[0].example, SHAPES[-2].example
    assert [start for _, start, _ in find_keys(f"{last} {first}")] == [0, len(last) + 1]
