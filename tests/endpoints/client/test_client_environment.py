"""What an endpoint takes from the environment."""

import pytest

from tapc.diagnostics import rule
from tapc.endpoints.client import resolve
from tapc.ir import Endpoint, EnvRef, Transport


def problems(environ=None, **changes):
    resolved, found = resolve(Endpoint(name="e", model="m", **changes), environ or {})
    assert (resolved is None) == bool(found)
    return found


@pytest.mark.parametrize("environ", [{}, {"API_KEY": ""}])
def test_a_missing_variable_is_an_error_and_its_name_no_key(environ):
    (found,) = problems(environ, urls=("http://h/v1",), key=EnvRef(name="API_KEY"))
    assert found.code == "TAP901" and "API_KEY" in found.message
    assert found.notes == ("export API_KEY=…", "nothing was sent"), "a key has no default to offer"


def test_a_missing_address_may_have_a_default():
    (found,) = problems({}, urls=(EnvRef(name="U"),))
    assert found.notes[0] == 'export U=…, or give a default: env("U", "…")'


def test_a_default_stands_in_for_a_missing_variable():
    resolved, _ = resolve(
        Endpoint(
            name="e",
            model="m",
            urls=(EnvRef(name="U", default="http://h:1/v1"),),
            key=EnvRef(name="K", default="EMPTY"),
        ),
        {},
    )
    assert resolved.key == "EMPTY" and resolved.targets[0].origin == "http://h:1/v1"


@pytest.mark.parametrize("value", ["a\nb", "a\rX-Evil: 1", "ключ", "a\x7fb"])
def test_values_that_would_break_a_header_are_turned_down(value):
    (found,) = problems({"K": value}, urls=("http://h/v1",), key=EnvRef(name="K"))
    assert found.code == "TAP902" and value not in found.message
    (found,) = problems({"H": value}, urls=("http://h/v1",), transport=Transport(headers=(("X-A", EnvRef(name="H")),)))
    assert found.code == "TAP902"


@pytest.mark.parametrize(
    "url", ["", "h/v1", "ftp://h/v1", "http://", "http://h:99999/v1", "http://[::1/v1", "http://h/a b"]
)
def test_what_is_no_url_is_turned_down(url):
    (found,) = problems(urls=(url,))
    assert found.code == "TAP903"


def test_a_bad_url_from_the_environment_is_not_shown():
    (found,) = problems({"U": "htp://user:hunter2hunter2@h"}, urls=(EnvRef(name="U"),))
    assert found.code == "TAP903" and "hunter2" not in found.message and "U" in found.message


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "path", "query", "origin"),
    [
        ("https://api.example.com/v1/", "api.example.com", 443, True, "/v1", "", "https://api.example.com/v1"),
        ("http://[::1]:8000/v1", "::1", 8000, False, "/v1", "", "http://[::1]:8000/v1"),
        ("http://h/v1?api-version=2", "h", 80, False, "/v1", "?api-version=2", "http://h/v1"),
        ("http://h", "h", 80, False, "", "", "http://h"),
    ],
)
def test_urls_are_taken_apart(url, host, port, tls, path, query, origin):
    resolved, _ = resolve(Endpoint(name="e", model="m", urls=(url,)), {})
    target = resolved.targets[0]
    assert (target.address.host, target.address.port, target.address.tls) == (host, port, tls)
    assert (target.path, target.query, target.origin) == (path, query, origin)


def test_credentials_in_a_url_are_turned_down_and_not_shown():
    (found,) = problems(urls=("http://user:hunter2hunter2@h/v1",))
    assert found.code == "TAP903" and "hunter2" not in repr(found)


def test_every_code_of_this_range_is_explained():
    for number in {*range(901, 913)} - {909}:
        assert len(rule(f"TAP{number}").explanation) > 60
