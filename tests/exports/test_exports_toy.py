"""An export that this test makes up: a dataset that tapc made goes through it, by being passed to the command's function.

That is all it takes to add an export: one object. Nothing of tapc is changed.
"""

import csv
import io
import json
from collections.abc import Iterable

import pytest
from called import Called

from tapc.exports import EXPORTS, Conversion, Export, Unfit
from tapc.exports.forms import Conversation
from tapc.outputs.encodings import Encoding
from tapc.rows.columns import TEXT, Column
from tapc.workspace.export import export_folder
from tapc.workspace.refused import Refused

SPEC = """tap 1
dataset d {
  samples 12
  mix subject { stars 25%, ships 25%, salt 25%, sleep 25% }
  endpoint e { model "sim" }
  generate answer { using e, prompt "Say something of {{ subject }}." }
  emit sft { from answer, split { train 75%, test 25% } }
  emit prompts { prompt answer }
}
"""


def rows_of(lines: Iterable[bytes], columns: tuple[Column, ...]) -> Iterable[bytes]:
    out = io.StringIO()
    writer = csv.DictWriter(out, [column.name for column in columns], lineterminator="\n")
    writer.writeheader()
    for line in lines:
        writer.writerow(json.loads(line))
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def flash_card(row: Conversation, place) -> dict[str, str]:
    if len(row.messages) != 2:
        raise Unfit("a card has two sides", "leave it out")
    return {"front": row.messages[0].content, "back": row.messages[1].content, "deck": f"{place.dataset}/{place.split}"}


CARDS = Export(
    name="cards",
    title="Flash cards",
    conversions=(
        Conversion(
            Conversation, "learning", flash_card, lambda _: tuple(Column(n, TEXT) for n in ("front", "back", "deck"))
        ),
    ),
    documents=lambda exported: {"decks.txt": "\n".join(f"{c.name} {c.training}" for c in exported.configs)},
    next_step="shuffle them",
    encoding=Encoding("csv", "csv", rows_of),
)


def test_a_made_up_export_writes_what_tapc_made(tmp_path) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "d.tap").write_text(SPEC)
    tapc("run", "d.tap", "-q")
    document, folder, next_step, warnings = export_folder(
        tmp_path / "out" / "d", "cards", None, (), exports=(*EXPORTS, CARDS)
    )
    assert folder == tmp_path / "out" / "d-cards" and next_step == "shuffle them"
    assert [warning.code for warning in warnings] == ["TAP894"]  # the model was simulated
    assert {entry.config: entry.splits for entry in document.configs} == {"sft": {"test": 3, "train": 9}}
    assert document.skipped == {"prompts": "has prompts, which Flash cards has no form for"}
    said = [row["messages"] for row in tapc.rows("d", "sft")]
    cards = [
        (card["front"], card["back"])
        for split in ("test", "train")
        for card in csv.DictReader((folder / "data" / "sft" / f"{split}.csv").read_text().splitlines(keepends=True))
    ]
    assert cards == [tuple(message["content"] for message in messages) for messages in said]
    assert (folder / "decks.txt").read_text() == "sft train"


def test_it_is_not_known_to_others(tmp_path) -> None:
    with pytest.raises(Refused):
        export_folder(tmp_path, "cards", None, ())
