"""The card carries what the spec says of the dataset, and nothing in it can break out of its place."""

import json
import re

import pytest
import yaml
from driving import Tapc

SPEC = r"""
tap 1

dataset river {
  samples 2
  mix language { pt-BR }
  endpoint writer { model "sim", price free, terms "research | only" }
  generate poem { using writer, prompt "Write about a river in {{ language.name }}." }
  emit sft { from poem, format parquet }
  card {
    title "Rivers: \"all\" # of them"
    licence "cc-by-4.0"
    summary "Poems <b>about</b> rivers."
    authors ["A. Müller", "B | C"]
    tags ["poetry"]
    homepage "https://example.org/rivers"
  }
  meta { ticket "DATA-12", note "``` # not a heading" }
}
"""


@pytest.fixture
def card(tapc: Tapc) -> str:
    (tapc.folder / "river.tap").write_text(SPEC.lstrip(), encoding="utf-8")
    said = tapc("run", "river.tap")
    assert "TAP614" in said.stderr, "what is written in another form than asked for is said"
    return (tapc.folder / "out/river/README.md").read_text(encoding="utf-8")


def test_every_field_of_the_card_is_on_it(card: str) -> None:
    _, header, body = card.split("---\n", 2)
    read = yaml.safe_load(header)
    assert read["pretty_name"] == 'Rivers: "all" # of them'
    assert read["license"] == "cc-by-4.0"
    assert read["language"] == ["pt"]
    assert read["tags"] == ["synthetic", "tapc", "simulated", "poetry"]
    assert read["configs"][0]["config_name"] == "sft"
    assert r"Poems \<b\>about\</b\> rivers." in body
    assert "## Authors\n\n- A. Müller\n- B \\| C\n" in body
    assert "## Homepage\n\nhttps://example.org/rivers\n" in body
    assert r"| writer | research \| only |" in body
    fence, meta = re.search(r"## Meta\n\n(`+)\n(.*?)\n\1\n", body, re.DOTALL).groups()
    assert len(fence) > 3, "a fence longer than any in the text"
    assert json.loads(meta) == {"ticket": "DATA-12", "note": "``` # not a heading"}
