"""What a request can use at most, in numbers worked out by hand."""

from tapc.jobs import Job, Message, Recipe, worst_case


def job(*contents, schema=None, n=1, most=10, overhead=7):
    recipe = Recipe("s", "e", "m", "m", "sim", b"{}", schema, 0, False, most, n, overhead, None)
    return Job(b"k" * 32, recipe, tuple(Message("user", content) for content in contents))


def test_every_byte_may_be_a_token():
    assert worst_case(job("abc")).input == 7 + 8 + 3
    assert worst_case(job("abc", "de")).input == 7 + 8 + 3 + 8 + 2
    assert worst_case(job("光合作用")).input == 7 + 8 + 12, "three bytes for each Han letter"
    assert worst_case(job("é")).input == 7 + 8 + 2
    assert worst_case(job("🙂")).input == 7 + 8 + 4
    assert worst_case(job("abc", schema=b'{"type":"object"}')).input == 7 + 8 + 3 + 17


def test_every_completion_may_be_as_long_as_the_limit():
    assert worst_case(job("abc")).output == 10
    assert worst_case(job("abc", n=3, most=20)).output == 60
