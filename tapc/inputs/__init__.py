"""Files that a spec names in addition to modules and tables: rows of inputs, benchmark texts, programs.

`read_resources` reads everything that a plan needs from these files and returns it as `tapc.plan.PlanResources`, with
errors as values. The files are not trusted, so every reader is bounded: `opening.py` opens regular files only, inside
the folder of the spec if links lead to them, and unpacks at most a multiple of their size.

- `rows.py` reads one input step: `formats.py` gives the rows of a file (`json_lines.py`, `separated.py`, `parquet.py`,
  `hub.py`), `content.py` and `conversations.py` make the text of a row, `axes.py` and `labels.py` decide to which
  values of axes it belongs, and `bad.py` counts rows that cannot be used. The result is a `table.RowTable`.
- `benchmarks.py` reads texts for the check `clean_of`.

Start reading in `resources.py` and `rows.py`. To add a format, write a function from a path to numbered rows, and call
it in `formats.py`; rows that cannot be used are `Bad` values, and files that cannot be read raise `InputError`.
"""

from tapc.inputs.errors import InputError
from tapc.inputs.named import NamedFiles, literal_part, named_files
from tapc.inputs.resources import ReadResources, read_resources

__all__ = ["InputError", "NamedFiles", "ReadResources", "literal_part", "named_files", "read_resources"]
