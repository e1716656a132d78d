"""Keys in clear text anywhere in a spec: each is one finding at its place, told without the key."""

import pytest

SPEC = """tap 1
dataset d {
  samples 10
  endpoint writer { model "m", url "http://localhost:8000/v1", key env("K"), price free, extra { top_k 5 } }
  generate answer { using writer, prompt "Say something." }
  emit sft { from answer }
}
"""
OPENAI = "sk-proj-aB3dE5fG7hI9jK1lM2nO4pQ6rS8tU0vW"
FACE = "hf_aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        ("Say something.", f"Call it with {OPENAI}, please.", OPENAI),
        ("top_k 5", f'headers {{ x "{FACE}" }}', FACE),
        ("tap 1\n", f"tap 1\n// once {OPENAI}\n", OPENAI),
        ("price free", f'price free, terms "{FACE}"', FACE),
        ("top_k 5", 'api_key "a local one"', '"a local one"'),
        ("top_k 5", 'upstream { password "hunter2" }', '"hunter2"'),
        ("top_k 5", 'Authorization "x"', '"x"'),
        ("localhost:8000/v1", f"localhost:8000/{OPENAI}", f'"http://localhost:8000/{OPENAI}"'),
        ('env("K")', f'"{OPENAI}"', f'"{OPENAI}"'),
    ],
)
def test_a_key_in_the_spec_is_told_once_at_its_place_and_never_shown(compiled, before, after, at):
    found = compiled(SPEC.replace(before, after, 1))
    assert [d.code for d in found.diagnostics] == ["TAP401"]
    label = found.diagnostics[0].labels[0]
    assert label.file.slice(label.span) == at
    told = " ".join([found.diagnostics[0].message, *found.diagnostics[0].notes])
    assert OPENAI not in told and FACE not in told
    assert found.dataset is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("top_k 5", "token_budget 5, max_secret_words 4"),
        ("Say something.", "Write sk-YOUR-KEY-HERE where your key goes; the bearer of a passport keeps it."),
        ("Say something.", "Explain what Authorization: Bearer TOKEN does."),
    ],
)
def test_what_only_speaks_of_keys_is_no_key(compiled, before, after):
    found = compiled(SPEC.replace(before, after, 1))
    assert not [d for d in found.diagnostics if d.severity == "error"]


def test_every_key_of_a_spec_is_told(compiled):
    text = SPEC.replace("Say something.", f"{OPENAI} and {FACE}").replace("tap 1", f"tap 1 // {FACE}")
    assert [d.code for d in compiled(text).diagnostics] == ["TAP401"] * 3
