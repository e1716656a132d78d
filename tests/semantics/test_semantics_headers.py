"""Headers of a spec: none that could end a request elsewhere or change what comes back, and no line ends."""

import pytest

SPEC = """tap 1
dataset d {
  samples 10
  endpoint writer {
    model "m", url "http://localhost:8000/v1", price free
    transport { HEADERS }
  }
  generate answer { using writer, prompt "Say something." }
  emit sft { from answer }
}
"""


def findings(compiled, headers):
    return compiled(SPEC.replace("HEADERS", headers)).diagnostics


@pytest.mark.parametrize(
    "name",
    [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "connection", "TE", "Trailer", "Upgrade", "Expect",
        "Keep-Alive", "Proxy-Connection", "Content-Type", "content-encoding", "ACCEPT-ENCODING", "HTTP2-Settings",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ['"x"', 'env("X")', 'env("X", "y")'])
def test_headers_that_tapc_sets_are_refused_at_their_place(compiled, name, value):
    (found,) = findings(compiled, f'header "{name}" {value}')
    assert found.code == "TAP406" and found.severity == "error"
    assert found.labels[0].file.slice(found.labels[0].span) == f'"{name}"'


@pytest.mark.parametrize(
    "value",
    [
        r'"a\r\nX-Injected: 1"',
        r'"a\nb"',
        r'"a\u{0}b"',
        r'"a\u{7f}"',
        '"naïve"',
        r'"\u{202e}x"',
        r'env("X", "a\nContent-Length: 0")',
    ],
)
def test_values_that_no_header_can_hold_are_refused(compiled, value):
    assert [d.code for d in findings(compiled, f'header "X-Team" {value}')] == ["TAP406"]


def test_a_name_is_given_once_in_whatever_case(compiled):
    (found,) = findings(compiled, 'header "X-Team" "a", header "x-team" "b"')
    assert found.code == "TAP406" and len(found.labels) == 2


@pytest.mark.parametrize("name", ["X-Team\\n", "X Team", "X:Team", "", "Ünder"])
def test_names_that_are_no_names(compiled, name):
    assert {d.code for d in findings(compiled, f'header "{name}" "a"')} == {"TAP104"}


def test_other_headers_may_be_set(compiled):
    compiledd = compiled(SPEC.replace("HEADERS", 'header "X-Team" "a b", header "OpenAI-Beta" env("B", "v2")'))
    assert not compiledd.diagnostics
    assert [name for name, _ in compiledd.dataset.endpoints[0].transport.headers] == ["OpenAI-Beta", "X-Team"]


@pytest.mark.parametrize(
    "url", [r"http://localhost:8000/v1\r\nX: 1", r"http://localhost:8000/a b", r"http://local\u{0}host/"]
)
def test_addresses_with_line_ends_are_refused(compiled, url):
    assert [
        d.code for d in compiled(SPEC.replace("http://localhost:8000/v1", url).replace("HEADERS", "")).diagnostics
    ] == ["TAP404"]


@pytest.mark.parametrize("tag", ["und", "mul", "mis", "zxx", "x-pirate", "qaa", "qtx-Latn", "und-Latn"])
def test_language_tags_that_name_no_language(compiled, tag):
    text = SPEC.replace("HEADERS", "").replace("samples 10", f"samples 10\n  mix language {{ en, {tag} }}")
    (found,) = [d for d in compiled(text).diagnostics if d.code == "TAP227"]
    assert found.severity == "warning"
    assert found.labels[0].file.slice(found.labels[0].span) == tag


@pytest.mark.parametrize("tag", ["en-x-pirate", "art-x-tokipona", "sjn", "nb", "zh-Hant"])
def test_rare_languages_and_private_parts_are_languages(compiled, tag):
    text = SPEC.replace("HEADERS", "").replace("samples 10", f"samples 10\n  mix language {{ en, {tag} }}")
    assert not [d for d in compiled(text).diagnostics if d.code == "TAP227"]
