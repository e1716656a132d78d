"""What the standard library knows of a model applies by exact name, where an endpoint says nothing else."""

import pytest

from tapc.frontend import compile_spec
from tapc.source import DiskLoader

SPEC = """tap 1

dataset d {{
  samples 2
  endpoint e {{ model "{model}", url "http://127.0.0.1:9/v1"{more} }}
  generate answer {{ using e, prompt "Ask." }}
  emit sft {{ from answer }}
}}
"""


@pytest.mark.parametrize(
    ("model", "more", "field"),
    [
        ("gpt-5", "", "max_completion_tokens"),
        ("o4-mini", ", price free", "max_completion_tokens"),
        ("gpt-5", ", token_field max_tokens", "max_tokens"),
        ("gpt-4.1-mini", "", "max_tokens"),
        ("gpt-5-custom", ", price free", "max_tokens"),
        ("GPT-5", ", price free", "max_tokens"),
    ],
)
def test_the_name_of_the_limit_is_that_of_the_model(tmp_path, model, more, field):
    path = tmp_path / "spec.tap"
    path.write_text(SPEC.format(model=model, more=more), encoding="utf-8")
    compiled = compile_spec(path, DiskLoader())
    assert compiled.dataset is not None, compiled.diagnostics
    endpoint = compiled.dataset.endpoint("e")
    assert endpoint.token_field == field
    assert endpoint.price is not None
