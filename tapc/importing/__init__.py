"""Convert trees from other sources into `.tap` modules.

`convert_file` and `convert_folder` take the bytes of a file or of a folder and return an `Imported`: the text of a
module with one taxonomy, or findings that say why there is none. They read no files and write none; `tapc import`
does that in `tapc.workspace`.

Start reading in `convert.py`, which chooses a reader by the extension of the file name. There is one reader per kind of
source: `tabular.py` (CSV and JSON lines), `nested.py` (JSON and YAML, through `safe_yaml.py`), `instructlab.py`
(folders with `qna.yaml`). Each returns a tree of `model.Node` or raises `model.Refusal`, which `convert.py` turns into
a finding. `render.py` writes the tree as canonical text; `convert.py` warns about branches without weights whose leaves
have weights.

To add a format, write a reader that returns `Node`s, and call it in `convert.py`. Sources are not trusted: bound the
depth and size of what a reader accepts, and check every name.

Imports `tapc.format`, `tapc.semantics.tables`, `tapc.syntax`, `tapc.source` and `tapc.diagnostics`.
"""

from tapc.importing.convert import Imported, convert_file, convert_folder
from tapc.importing.tabular import Columns

__all__ = ["Columns", "Imported", "convert_file", "convert_folder"]
