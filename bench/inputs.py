"""CPU of reading the rows of an input: `python bench/inputs.py [ROWS]`.

Rows have a text of 26 words, a number, a matched language and, in JSON lines, a nested object. To compare two versions,
run each in turn with PYTHONPATH at its tree: on a busy machine only ratios are meaningful.
"""

import csv
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from tapc.inputs.opening import Folder
from tapc.inputs.rows import read_input
from tapc.kinds.steps.input.model import Input
from tapc.workspace.spec.checked import check_spec

WORDS = (
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "are",
    "as",
    "with",
    "his",
    "they",
    "at",
    "be",
)
SPEC = """tap 1
endpoint writer { model "sim" }
dataset d {
  samples 10
  mix language { en, de }
  input rows { file "FILE", field text, columns { gold gold }, match { language lang } }
  generate answer { using writer, prompt "{{ rows }} ({{ rows.gold }})" }
  emit sft { from answer }
}
"""


def write(folder: Path, count: int) -> None:
    """Both files, with the same texts."""
    random.seed(1)
    with (folder / "r.jsonl").open("w") as lines, (folder / "r.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["text", "gold", "lang", "level"])
        for i in range(count):
            text = " ".join(random.choices(WORDS, k=25)) + f" {i}?"
            lang = ("en", "de")[i % 2]
            lines.write(json.dumps({"text": text, "gold": i, "lang": lang, "meta": {"level": i % 5}}) + "\n")
            writer.writerow([text, i, lang, i % 5])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        for file in ("r.jsonl", "r.csv"):
            spec = folder / "d.tap"
            spec.write_text(SPEC.replace("FILE", file))
            dataset = check_spec(spec, settings={}, dataset=None).dataset
            assert dataset is not None
            step = next(step for step in dataset.steps if isinstance(step, Input))
            took = []
            for _ in range(3):
                start = time.process_time()
                table, _ = read_input(step, dataset.space, Folder(folder), offline=True)
                took.append(time.process_time() - start)
            print(f"{file}: {len(table):,} rows, {min(took) / count * 1e6:.2f} us of CPU per row (the least of three)")


if __name__ == "__main__":
    main()
