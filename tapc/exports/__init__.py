"""Datasets as trainers read them: the rows of a dataset folder in another project's form, with its ready config.

- `dataset.py` reads a folder that `tapc run` wrote: its manifest, its configs and splits, its files and their hashes.
- `forms.py`: what rows of training data can be: conversations, pairs, labeled answers, prompts with an answer. The form
  of a config follows from the columns of its rows, not from the kind of emit that made them.
- `export.py`: what an export is: for each form that its reader takes, a function from a row to a row (`Conversion`);
  and the config that the reader needs (`documents`).
- `targets/`: one module per export. `declared.py` lists them.
- `writing.py` puts it together: rows go through one at a time into a folder that is exchanged as a whole.

A conversion never drops what a model would learn from: it raises `Unfit`, and the export ends with the config, the
split and the number of the row. Columns that describe a row (`provenance`, scores) are left out, except where a reader
takes them.

To add an export, write a module of `targets/` (`trl.py` shows all forms, `openai.py` is the shortest) and add it to
`declared.py`; `tests/exports/test_exports_toy.py` is a complete example. Say in the tests what its reader accepts, with
the file and the revision of its source that you read.

It builds on `tapc.outputs`, whose folders it reads and writes, and on `tapc.rows` for types of columns. Targets know
nothing of each other, of reading and of writing; import contracts in `pyproject.toml` hold that.
"""

from tapc.exports.declared import EXPORTS
from tapc.exports.document import ExportDocument
from tapc.exports.errors import ExportError
from tapc.exports.export import Conversion, Export, Exported, Place, Unfit
from tapc.exports.writing import export_dataset

__all__ = [
    "EXPORTS",
    "Conversion",
    "Export",
    "ExportDocument",
    "ExportError",
    "Exported",
    "Place",
    "Unfit",
    "export_dataset",
]
