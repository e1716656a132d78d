"""What rows are drawn as: texts, variants of a text, copies; what an edit of a file changes."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from row_tables import table

from tapc.jobs import Message
from tapc.steps import InputRow

TURN = (Message("user", "Hello"), Message("assistant", "Hi"))
rows_ = st.builds(
    InputRow,
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from([{}, {"gold": "1"}, {"gold": "2"}]),
    st.sampled_from([(), TURN]),
)
files = st.lists(rows_, max_size=12)


def identities(rows, axes=(), pool=()):
    """What each row is drawn as, in the order of the file."""
    found = table(axes, {pool: rows})
    return [(origin.cell, origin.ordinal) for origin in found.identities.origins(range_of(found))]


def range_of(found):
    return sorted(number for pool in found.pools for number in pool.tolist())


def said(row):
    return row.text, row.messages


def whole(row):
    return row.text, row.messages, tuple(row.fields.items())


@settings(max_examples=200, deadline=None)
@given(files, st.randoms(use_true_random=False))
def test_no_two_rows_are_drawn_alike_and_the_order_of_a_file_does_not_matter(rows, chance):
    found = identities(rows)
    assert len(set(found)) == len(rows)
    for cell, count in Counter(cell for cell, _ in found).items():
        assert sorted(ordinal for own, ordinal in found if own == cell) == list(range(count))
    assert len({cell for cell, _ in found}) == len({whole(row) for row in rows})
    order = chance.sample(range(len(rows)), len(rows))
    again = identities([rows[n] for n in order])
    by_content = lambda given, drawn: Counter((whole(row), origin) for row, origin in zip(given, drawn, strict=True))  # noqa: E731
    assert by_content([rows[n] for n in order], again) == by_content(rows, found)


@settings(max_examples=200, deadline=None)
@given(files.filter(bool), st.data())
def test_a_row_that_is_taken_away_changes_at_most_one_other_variant_of_its_text(rows, data):
    gone = data.draw(st.integers(0, len(rows) - 1))
    left = rows[:gone] + rows[gone + 1 :]
    before = Counter(zip(map(whole, rows), identities(rows), strict=True))
    after = Counter(zip(map(whole, left), identities(left), strict=True))
    new = after - before
    assert len({content for content, _ in new}) <= 1
    assert all(content[:2] == said(rows[gone]) for content, _ in new)
    if len({whole(row) for row in rows if said(row) == said(rows[gone])}) == 1:
        assert not new, "rows of one text without variants are numbered, and the last number goes"


@settings(max_examples=100, deadline=None)
@given(st.lists(rows_, max_size=12, unique_by=said))
def test_columns_do_not_change_what_a_row_with_a_text_of_its_own_is_drawn_as(rows):
    bare = [InputRow(row.text, {}, row.messages) for row in rows]
    assert identities(rows) == identities(bare)


def test_equal_texts_of_two_files_are_told_apart_by_the_values_of_their_axes():
    same = InputRow("print(1)", {})
    both = table(("language",), {("de",): [same], ("en",): [same]})
    one, other = both.identities.origins(range_of(both))
    assert one.cell != other.cell
    assert (one.ordinal, other.ordinal) == (0, 0)
    for n, name in enumerate(("de", "en")):
        alone = table(("language",), {(name,): [same]})
        assert alone.identities.origins([0])[0].cell == table((), {(): [same]}).identities.origins([0])[0].cell
        assert both.identities.find((one, other)[n]) == n


@settings(max_examples=100, deadline=None)
@given(files)
def test_a_row_is_found_by_what_it_is_drawn_as(rows):
    found = table((), {(): rows})
    for number, origin in enumerate(found.identities.origins(range(len(rows)))):
        assert found.identities.find(origin) == number
        assert found.identities.matches(number, origin)
        assert all(found.identities.matches(other, origin) == (other == number) for other in range(len(rows)))


@settings(max_examples=100, deadline=None)
@given(files, files)
def test_rows_are_used_in_an_order_that_other_rows_do_not_change(some, more):
    texts = lambda given: [said(given.read(n)) for n in given.pools[0].tolist()]  # noqa: E731
    alone, together = texts(table((), {(): some})), texts(table((), {(): some + more}))
    assert [text for text in dict.fromkeys(together) if text in alone] == list(dict.fromkeys(alone))
